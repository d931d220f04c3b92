"""Of 设置, what leaves for model services: masked or not, and every request to the letter."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st

from assistant.outgoing.sent import Sent
from assistant.settings import environment_fields
from assistant.ui.desk import ReviewDesk
from assistant.ui.kit import note, section, shown_errors
from assistant.ui.safe import plain
from assistant.ui.state import session

MASK_LABEL = "发送前遮蔽姓名与数字"
LOG_LABEL = "把发送内容另存到数据目录"
SHOWN = 20
SHOWN_CHARS = 20_000
_ROLES = {
    "system": "说明",
    "user": "材料与要求",
    "assistant": "此前的回答",
    "query": "问题",
    "text": "文本",
}
_NOTES_KEY = "sent"


def sent(desk: ReviewDesk) -> None:
    """Choose how texts leave, and look at what left."""
    section("发送内容", "发往模型、向量、重排服务的每一次请求")
    with st.container(border=True, key="sent-box"):
        _switch(
            desk,
            "mask_sent",
            MASK_LABEL,
            "人名、单位、地点、金额、日期、数目、文件名、号码换成〔人1〕一类的占位符再发送，"
            "收到回答后还原；通用的制度名称不换。设有向量服务的，切换后会重建检索索引。",
        )
        _switch(
            desk,
            "log_sent",
            LOG_LABEL,
            "默认只记在内存里，程序退出即清空；打开后同时追加到数据目录的 sent.jsonl，请妥善保管。",
        )
        if message := session().notes.pop(_NOTES_KEY, ""):
            note(message, "ok")
        log = desk.sent()
        if not log:
            st.caption("本次启动以来没有向任何服务发送过内容。")
            return
        st.caption(f"本次启动以来最近 {min(len(log), SHOWN)} 次请求，密钥不在其中。")
        if st.toggle("查看发送内容", key="show-sent"):
            st.html(sent_html(log[:SHOWN]))


def sent_html(log: Sequence[Sent]) -> str:
    """Draw requests, newest first, each to be opened."""
    return "".join(_request_html(one) for one in log)


def _request_html(one: Sent) -> str:
    when = time.strftime("%m-%d %H:%M:%S", time.localtime(one.when))
    masked = "已遮蔽" if one.masked else "未遮蔽"
    what = f"发送 {one.chars:,} 字到 {one.host}{one.path}"
    head = f"{when}　{one.purpose}　{what}　{masked}　{one.result}"
    parts = "".join(
        f"<p><b>{plain(_ROLES.get(role, '内容'))}</b></p>"
        f'<pre style="white-space:pre-wrap">{plain(_shortened(text))}</pre>'
        for role, text in one.texts
    )
    whole = f'<pre style="white-space:pre-wrap">{plain(_shortened(one.body))}</pre>'
    return (
        f"<details><summary>{plain(head)}</summary>{parts}"
        f"<details><summary>请求全文（JSON）</summary>{whole}</details></details>"
    )


def _shortened(text: str) -> str:
    if len(text) <= SHOWN_CHARS:
        return text
    return f"{text[:SHOWN_CHARS]}……（余下 {len(text) - SHOWN_CHARS:,} 字从略）"


def _switch(desk: ReviewDesk, name: str, words: str, told: str) -> None:
    held = bool(getattr(desk.settings, name))
    wanted = st.toggle(
        words, value=held, key=f"set-{name}", help=told, disabled=name in environment_fields()
    )
    if wanted == held:
        return
    with shown_errors():
        desk.save_settings({name: wanted})
        session().notes[_NOTES_KEY] = f"已{'打开' if wanted else '关闭'}：{words}。"
        st.rerun()
