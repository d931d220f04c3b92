"""Take foreign facts out of a text: blanks or general words in their place. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.facts.compare import counter_of, is_general_title, owned
from assistant.facts.find import find_facts
from assistant.facts.lexicon import load_lexicon
from assistant.models import Fact

BLANK = "【　】"

_UNIT_TAIL = re.compile(r"(?:[万亿]?(?:元|美元|欧元|港元|日元|块钱))$")
_MASKED_PLACE = re.compile(
    r"(?:[XＸ×*]{1,4}(?:省|市|县|区|镇|乡|街道|村|社区|小区|园区|开发区|经济开发区|产业集聚区|高新区))+"
)
_MASKED_BODY = re.compile(r"[XＸ×*]{2,4}(?=公司|集团|局|委|中心|学校|医院|企业)")
_MASKED_NUMBER = re.compile(
    r"(?:\d{4}|[XＸ×]{2,4})年[XＸ×]{1,2}月(?:[XＸ×]{1,2}日)?|(?<![A-Za-z])[XＸ×]{1,4}(?=[万亿千百]?元|[个名人次家项户件份亩条台处月年日%])"
)
_OFFICE = re.compile(
    r"(?:书记|[主责]任人?|[局镇乡县区市科股所站队院校园处厅长组会]长|经理|会计|出纳|村民|居民|党员|干部|职工|负责人|经办人|法人|法定代表人|同志|委员)$"
)
_TWICE = re.compile(
    r"((?:相关|有关)[^，。；、和与及]{1,5}|本地|相关责任人)(?:(?:、|和|与|及|以及)?\1)+(?:等(?:\d+[名人]|人)?)?"
)
_BLANK_RUN = re.compile(rf"{BLANK}(?:[至—～~\-、]?{BLANK})+")


def blank_facts(text: str, keep: Sequence[Fact]) -> str:
    """The text with every fact that is not among `keep` blanked or said in general words."""
    text = _MASKED_NUMBER.sub(BLANK, text)
    pieces: list[str] = []
    at = 0
    for fact in find_facts(text):
        if owned(fact, keep):
            continue
        pieces += (text[at : fact.start], _in_place_of(fact, text[: fact.start]))
        at = fact.end
    pieces.append(text[at:])
    return _tidied(_unmasked("".join(pieces)))


def _in_place_of(fact: Fact, before: str) -> str:
    if fact.kind == "amount":
        unit = _UNIT_TAIL.search(fact.text)
        return BLANK + (unit[0] if unit else "元")
    if fact.kind == "figure":
        return BLANK + _counter(fact)
    if fact.kind == "document":
        return _general_title(fact)
    if fact.kind == "place":
        return _general_place(fact.text)
    if fact.kind == "body":
        return _general_body(fact.text)
    if fact.kind == "person":  # 会计赵某 is the accountant, 对赵某 someone in charge
        return "" if _OFFICE.search(before) else "相关责任人"
    return BLANK


def _counter(fact: Fact) -> str:
    return "%" if fact.text.startswith("百分之") else counter_of(fact)


def _general_place(name: str) -> str:
    for suffix in ("社区", "小区", "村"):
        if name.endswith(suffix):
            return "相关" + suffix
    return "本地"


def _general_body(name: str) -> str:
    lexicon = load_lexicon()
    match = lexicon.body_end.search(name)
    return lexicon.body_words[match[0]] if match else "相关单位"


def _general_title(fact: Fact) -> str:
    """《柳泉镇财务管理办法》 → 《【　】财务管理办法》; what cannot be cut becomes 相关制度."""
    if not fact.text.startswith("《"):
        return BLANK
    title = fact.value
    inner = [f for f in find_facts(title) if f.kind in ("place", "body", "date")]
    end = max((f.end for f in inner if f.start <= 12), default=0)
    masked = _MASKED_PLACE.match(title)
    end = max(end, masked.end() if masked else 0)
    rest = (
        re.sub(r"^[年度人民政府党委工组的“”]{0,6}(?=[^制度办法规定]{2})", "", title[end:])
        if end
        else ""
    )
    if rest and is_general_title(Fact("document", f"《{rest}》", 0, 0, rest)):
        return f"《{BLANK}{rest}》"
    lexicon = load_lexicon()
    for ending, word in lexicon.title_words.items():
        if re.sub(r"[（(][^）)]*[）)]$", "", title).endswith(ending):
            return word
    return lexicon.title_word


def _unmasked(text: str) -> str:
    text = _MASKED_PLACE.sub(lambda match: _general_place(match[0]), text)
    return _MASKED_BODY.sub("相关", text)


def _tidied(text: str) -> str:
    """No blank beside a blank, no general word said twice."""
    text = re.sub(r"(?:本地)+(?=相关)|(?<=本地)(?:本地)+", "", text)
    text = re.sub(r"(?:相关(?:村|社区|小区))(?=相关)", "", text)
    text = re.sub(r"》(?=[工有相应][作关急])", "》、", text)
    return _BLANK_RUN.sub(BLANK, _TWICE.sub(r"\1", text))
