"""Of 设置, what concerns searching: embeddings, word lists, figures on judged questions."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from pydantic import SecretStr

from assistant.errors import AssistantError
from assistant.evaluation import Evaluation, evaluate, parse_judged
from assistant.settings import environment_fields
from assistant.taxonomy.classify import load_taxonomy
from assistant.taxonomy.thesaurus import load_thesaurus, thesaurus_version
from assistant.ui.desk import ReviewDesk
from assistant.ui.kit import note, section, shown_errors
from assistant.ui.safe import plain
from assistant.ui.state import session

BUILT_IN = "内置词向量（离线）"
DEPTH = 20


@dataclass(frozen=True)
class Service:
    """An optional endpoint beside the built-in search: its fields and how users are told."""

    prefix: str
    name: str
    built_in: str
    title: str
    note: str
    told: str

    @property
    def fields(self) -> frozenset[str]:
        """Names of its settings."""
        return frozenset(f"{self.prefix}_{part}" for part in ("base_url", "model", "api_key"))


EMBEDDINGS = Service(
    "embeddings",
    "向量服务",
    BUILT_IN,
    "检索向量",
    "保存后会重建检索索引；向量服务连不上时保持原来的设置。",
    "已保存，检索已按新的设置进行。",
)
RERANK = Service(
    "rerank",
    "重排服务",
    "不重排",
    "结果重排",
    "用兼容 /rerank 接口的服务把最前面的结果再排一遍；连不上时仍按原来的次序。",
    "已保存，立即生效。",
)


def embeddings(desk: ReviewDesk) -> None:
    """Choose between the built-in encoder and an embeddings endpoint beside it."""
    section("检索向量", "可选：与内置检索并用")
    _service(desk, EMBEDDINGS)


def rerank(desk: ReviewDesk) -> None:
    """Choose whether an endpoint orders the first results anew."""
    section("结果重排", "可选：再排一遍最前面的结果")
    _service(desk, RERANK)


def _service(desk: ReviewDesk, service: Service) -> None:
    fixed, prefix = environment_fields(), service.prefix
    held = str(getattr(desk.settings, f"{prefix}_base_url"))
    now = service.name if held else service.built_in
    with st.container(border=True, key=f"{prefix}-box"):
        chosen = st.segmented_control(
            service.title,
            [service.built_in, service.name],
            default=now,
            key=f"{prefix}-kind",
            label_visibility="collapsed",
            disabled=bool(service.fields & fixed),
        )
        changes: dict[str, object] = {f"{prefix}_base_url": "", f"{prefix}_model": ""}
        if chosen == service.name:
            changes = _endpoint(desk, service)
        # nothing to save while all stays built in
        if chosen == service.name or chosen != now:
            st.caption(service.note)
            if st.button(f"保存{service.title}", key=f"save-{prefix}"):
                with shown_errors(), st.spinner("正在保存…"):
                    desk.save_settings({k: v for k, v in changes.items() if k not in fixed})
                    session().notes[prefix] = service.told
                    st.rerun()
        if message := session().notes.pop(prefix, ""):
            note(message, "ok")


def _endpoint(desk: ReviewDesk, service: Service) -> dict[str, object]:
    held, fixed, prefix = desk.settings, environment_fields(), service.prefix
    stored: SecretStr = getattr(held, f"{prefix}_api_key")
    url = st.text_input(
        f"{service.name}地址",
        str(getattr(held, f"{prefix}_base_url")),
        key=f"{prefix}-url",
        placeholder="例如 http://10.0.0.8:8001/v1",
        disabled=f"{prefix}_base_url" in fixed,
    )
    left, right = st.columns(2)
    model = left.text_input(
        f"{service.name.removesuffix('服务')}模型",
        str(getattr(held, f"{prefix}_model")),
        key=f"{prefix}-model",
        placeholder="服务方给出的模型名",
        disabled=f"{prefix}_model" in fixed,
    )
    key = right.text_input(
        f"{service.name}密钥",
        type="password",
        key=f"{prefix}-key",
        placeholder="已保存，留空则不修改" if stored.get_secret_value() else "没有则留空",
        disabled=f"{prefix}_api_key" in fixed,
        autocomplete="off",
    )
    changes: dict[str, object] = {f"{prefix}_base_url": url, f"{prefix}_model": model}
    return {**changes, f"{prefix}_api_key": key} if key else changes


def word_lists() -> None:
    """Say which lists classify and search, and where they are kept."""
    section("词表")
    taxonomy, groups = load_taxonomy(), load_thesaurus()
    terms = sum(len(group.terms) for group in groups)
    rows = {
        "问题主题": f"{len(taxonomy.topics)} 类",
        "措施类型": f"{len(taxonomy.kinds)} 类",
        "同义词": f"{len(groups)} 组 {terms} 词，版本 <code>{plain(thesaurus_version())}</code>",
        "位置": "<code>assistant/taxonomy/*.yaml</code> 可由管理员修改，改后自动重建索引",
    }
    body = "".join(f"<span>{name}</span><b>{value}</b>" for name, value in rows.items())
    st.html(f'<div class="kv boxed">{body}</div>')


# ---------------------------------------------------------------------- figures


def figures(desk: ReviewDesk) -> None:
    """Measure searching on questions whose answers someone has judged."""
    section("检索评测", "用标注好的问题量一量")
    drawer = st.expander("选择评测文件", key="figures-box", on_change="rerun")
    if drawer.open:
        with drawer:
            _measure(desk)
    if (measured := session().evaluation) is not None:
        st.html(figures_html(measured))


def _measure(desk: ReviewDesk) -> None:
    file = st.file_uploader("评测问题", type=["jsonl", "json"], key="figures-file")
    st.caption(
        "每行一个问题：编号 id、问法 query、类别 type、"
        "应找到的案例 relevant（文件名、行号、等级 1–3；没有答案的问题留空）。"
    )
    if file is not None and st.button("开始评测", key="figures-run"):
        try:
            with st.spinner("正在逐题检索…"):
                text = file.getvalue().decode("utf-8", errors="replace")
                session().evaluation = evaluate(
                    parse_judged(text, name=file.name),
                    lambda query: desk.search(query, limit=DEPTH),
                )
        except AssistantError as error:
            note(str(error), "bad")


def figures_html(measured: Evaluation) -> str:
    """Draw the figures by type of question."""
    body = "".join(
        f'<tr><th scope="row">{plain("全部" if name == "all" else name or "未分类")}</th>'
        f"<td>{row.questions}</td><td>{row.ndcg:.3f}</td><td>{row.recall_10:.3f}</td>"
        f"<td>{row.recall_20:.3f}</td><td>{row.mrr:.3f}</td></tr>"
        for name, row in measured.by_type.items()
    )
    heads = "".join(
        f'<th scope="col">{name}</th>'
        for name in ("题数", "nDCG@10", "查全@10", "查全@20", "首条 MRR")
    )
    return (
        '<div class="heat figures" tabindex="0" role="region" aria-label="检索评测结果"><table>'
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
        f'<p class="lede small">库中没有答案的 {measured.unanswerable} 题，如实说没有的 '
        f"{measured.refused} 题；有答案的 {measured.answerable} 题，误说没有的 "
        f"{measured.wrongly_refused} 题。</p>"
    )
