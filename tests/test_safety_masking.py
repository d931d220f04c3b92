"""What is sent holds no name and no figure; what returns is put back to the letter."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.chat_model import Message
from assistant.outgoing.masking import (
    TOKEN,
    MaskTable,
    Names,
    StreamRestorer,
    find_placeholders,
    mask_alone,
)
from assistant.outgoing.model import mask_messages
from assistant.writing.evidence_text import fence_input, make_fence

PLANTED = (
    "青岚镇",
    "何大勇",
    "2021年6月18日",
    "18.6万元",
    "13911112222",
    "51012319800101123X",
    "6222 0212 3456 7890 123",
    "028-87654321",
    "《青岚镇财务管理暂行规定》",
    "青委发〔2021〕7号",
    "37个项目",
    "ho@qinglan.example",
    "川A5678Z",
    "赵铁柱",
    "柳塘县水务局",
    "三万元",
)
TEXT = (
    "青岚镇党委副书记何大勇2021年6月18日违规发放补贴18.6万元，涉及37个项目，电话13911112222，"
    "身份证号51012319800101123X，账号6222 0212 3456 7890 123，座机028-87654321，邮箱"
    "ho@qinglan.example，公车川A5678Z。\n"
    "《青岚镇财务管理暂行规定》（青委发〔2021〕7号）未执行，柳塘县水务局副局长赵铁柱收受三万元。\n"
    "何大勇对此负责。青岚其他村居参照执行，三会一课坚持不好，违反《中国共产党纪律处分条例》。"
)


def test_no_planted_fact_stays_and_everything_comes_back() -> None:
    table = MaskTable()
    masked = table.mask(TEXT)
    assert [fact for fact in PLANTED if fact in masked] == []
    assert "青岚" not in masked
    assert table.restore(masked) == TEXT


def test_what_names_nobody_stays_readable() -> None:
    masked = MaskTable().mask(TEXT)
    for kept in ("党委副书记", "违规发放补贴", "三会一课", "《中国共产党纪律处分条例》"):
        assert kept in masked


def test_the_same_wording_has_the_same_placeholder_in_every_text() -> None:
    table = MaskTable()
    first = table.mask("何大勇同志负责")
    # without a title nothing tells that this is a name: it was learnt
    assert TOKEN.findall(first)[0] in table.mask("此事由何大勇办理")


def test_names_known_beforehand_are_replaced_where_no_sign_tells() -> None:
    names = Names(["云上花开合作组织", "卓玛"])
    assert mask_alone("云上花开合作组织欠缴，卓玛知情", names) == "〔单位〕欠缴，〔人〕知情"


@pytest.mark.parametrize(
    "text",
    ["根据[1][12]所述", "12｜督促整改到位", '{"evidence":[1, 2],"line": 14}', "一是强化学习"],
)
def test_numbers_of_ours_are_not_facts(text: str) -> None:
    assert MaskTable().mask(text) == text


def test_a_placeholder_in_a_source_is_never_taken_for_ours() -> None:
    source = "原文写着〔人1〕字样，何大勇同志参加"
    table = MaskTable(avoid=source)
    masked = table.mask(source)
    assert "〔人1〕字样，〔人2〕" in masked
    assert table.restore(masked) == source


def test_vectors_do_not_depend_on_when_a_text_is_sent() -> None:
    assert mask_alone("何大勇同志领取3000元") == "〔人〕同志领取〔金额〕"


@pytest.mark.parametrize("size", [1, 2, 3, 5, 200])
def test_a_placeholder_cut_over_pieces_is_joined(size: int) -> None:
    table = MaskTable()
    masked = table.mask(TEXT)
    restorer = StreamRestorer(table)
    pieces = [restorer.feed(masked[at : at + size]) for at in range(0, len(masked), size)]
    assert "".join([*pieces, restorer.finish()]) == TEXT
    assert not [piece for piece in pieces if TOKEN.search(piece)]


def test_a_lone_bracket_does_not_hold_the_stream_back() -> None:
    restorer = StreamRestorer(MaskTable())
    assert restorer.feed("〔") == ""
    assert restorer.feed("二〇二一年的文件里写着") == "〔二〇二一年的文件里写着"


@pytest.mark.parametrize("escaped", [False, True])
def test_json_stays_json(escaped: bool) -> None:
    table = MaskTable(Names(['引"号\\公司']))
    masked = table.mask('引"号\\公司欠缴18.6万元')
    said = json.dumps({"text": masked}, ensure_ascii=escaped)
    restored = table.restore(said, in_json=True)
    assert json.loads(restored) == {"text": '引"号\\公司欠缴18.6万元'}


@pytest.mark.parametrize(
    "garbled", ["〔人九〕", "〔人99〕", "〔人", "[单位2]", "（金额3）", "〔 人1 〕", "〔人1某〕"]
)
def test_what_a_model_garbled_stays_visible_and_is_found(garbled: str) -> None:
    table = MaskTable()
    table.mask("何大勇同志")
    said = table.restore(f"由{garbled}")
    assert said == f"由{garbled}"
    assert find_placeholders(said)


@pytest.mark.parametrize(
    "text", ["青委发〔2021〕7号", "（一）单位管理", "[1][2]", "【　】", "（3人）", "金额（3万元）"]
)
def test_what_is_no_placeholder_is_not_found(text: str) -> None:
    assert find_placeholders(text) == ()


def test_only_data_is_masked_in_a_prompt() -> None:
    fence = make_fence(TEXT)
    system = Message("system", f"围栏编号为 {fence}，不超过 100 字")
    user = Message(
        "user", f"写3条，不超过 200 字。\n{fence_input(TEXT, fence)}\n可用的编号：[1][2]"
    )
    earlier = Message("assistant", "何大勇已经退回18.6万元[1]。")
    table, sent = mask_messages([system, earlier, user])
    told = "\n".join(turn.content for turn in sent)
    assert [fact for fact in PLANTED if fact in told] == []
    assert sent[0].content.startswith(system.content)
    assert "占位符" in sent[0].content
    assert "写3条，不超过 200 字。" in told
    assert "可用的编号：[1][2]" in told
    assert [table.restore(turn.content) for turn in sent[1:]] == [earlier.content, user.content]


PIECES = st.sampled_from(
    [
        *PLANTED,
        "〔人1〕",
        "〔单位2〕",
        "〔",
        "〕",
        "[1]",
        "12｜",
        "\n",
        "\r\n",
        "\u2028",
        "，",
        "。",
        "同志",
        "镇",
        "某",
        "村党支部书记",
        "第三条",
        "（一）",
        "一是",
        "1.5",
        "万元",
        "年",
        "«",
        "\t",
        "ａ",
        "😀",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=14), st.integers(1, 7))
def test_whatever_is_masked_comes_back_to_the_letter(pieces: list[str], size: int) -> None:
    text = "".join(pieces)
    table = MaskTable(avoid=text)
    masked = table.mask(text)
    assert table.restore(masked) == text
    restorer = StreamRestorer(table)
    out = [restorer.feed(masked[at : at + size]) for at in range(0, len(masked), size)]
    assert "".join([*out, restorer.finish()]) == text
