"""按要求重写: with a model it writes the measure anew; without one, like measures are offered."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from assistant.errors import ModelError, Refused
from assistant.models import Draft, DraftRecord
from assistant.ui.adopting import adopted
from assistant.ui.desk import ReviewDesk
from assistant.ui.kit import note, unit_of
from assistant.ui.regenerating import offers, put_in
from assistant.ui.safe import label, plain
from assistant.ui.sending import kept, of_draft

LIMIT = 500
OFFLINE = (
    "没有配置模型，不会照要求另写文字；只从本条依据的案例里挑出写到这些内容的措施，选中后替换。"
)


@st.dialog("按要求重写这条措施", width="medium")
def instruct_dialog(
    desk: ReviewDesk, record: DraftRecord, place: int, put: Callable[[Draft], None]
) -> None:
    """Ask for an instruction and follow it as far as can be."""
    instruct_body(desk, record, place, put)


def instruct_body(
    desk: ReviewDesk, record: DraftRecord, place: int, put: Callable[[Draft], None]
) -> None:
    """Draw the inside of the dialog."""
    draft = record.draft
    if draft is None:
        return
    with_model = desk.settings.chat_config() is not None
    key = f"{record.id}-{record.version}-{place}"
    st.html(f'<p class="lede">{plain(draft.measures[place].text)}</p>')
    if not with_model:
        note(OFFLINE)
    instruction = st.text_area(
        "要求",
        key=f"instruct-{key}",
        max_chars=LIMIT,
        placeholder="例如：写细到每月一次，明确抽查比例",
    ).strip()
    told = "重写" if with_model else "查找相近写法"
    failed = f"instruct-failed-{key}"
    if st.button(told, type="primary", key=f"instruct-ok-{key}") and instruction and with_model:
        st.session_state.pop(failed, None)
        try:
            with st.spinner("正在按要求重写…"):
                profile = desk.store.profile()
                with kept(desk, of_draft(record.id)):
                    new = desk.rewrite_measure(draft, place, instruction, profile=profile)
                put(put_in(draft, place, new))
        except (ModelError, Refused) as error:
            st.session_state[failed] = str(error)
    if with_model and failed in st.session_state:
        note(f"{st.session_state[failed]}。下面是相近案例里写到这些内容的措施。", "bad")
    if instruction and (not with_model or failed in st.session_state):
        _offered(desk, draft, place, instruction, put)


def _offered(
    desk: ReviewDesk, draft: Draft, place: int, instruction: str, put: Callable[[Draft], None]
) -> None:
    found = offers(draft, instruction)
    if not found:
        note("相近案例中没有写到这些内容的措施。可直接修改文字，或配置模型后再试。", "warn")
        return
    for at, offer in enumerate(found):
        st.html(
            f'<p class="lede small">{plain(unit_of(offer.evidence.notice))} · '
            f"写到：{plain('、'.join(offer.words))}</p>"
        )
        if st.button(label(offer.measure.text, 120), key=f"offer-{place}-{at}", width="stretch"):
            profile = desk.store.profile()
            taken = adopted(offer.evidence, offer.measure, problem=draft.problem, profile=profile)
            put(put_in(draft, place, taken))
