"""The desk of one user, with what the role forbids refused and what is done noted."""

from __future__ import annotations

from dataclasses import replace

from assistant.access.audit import REFUSED, excerpt
from assistant.access.policy import Act, User, may, require
from assistant.errors import AccessRefused
from assistant.library import Library
from assistant.loading.secrecy import check_text
from assistant.models import Answer, DraftRecord, UnitProfile
from assistant.personal_data import mask
from assistant.record.desk import Desk

FINAL = "定稿"


class Notebook:
    """Writes the audit for one user and asks the policy first."""

    def __init__(self, library: Library, user: User) -> None:
        self._library, self.user = library, user

    def require(self, act: Act, detail: str = "") -> None:
        """Raise `AccessRefused`, noted, where the user may not."""
        try:
            require(self.user, act)
        except AccessRefused:
            self.note(REFUSED, f"{act.value} {detail}".strip())
            raise

    def note(self, action: str, detail: str = "") -> None:
        """Add an entry."""
        self._library.log(action, detail, who=self.user.id)


class GuardedDesk(Desk):
    """Own conversations and drafts; others' drafts where the role reviews them."""

    def __init__(self, library: Library, user: User) -> None:
        super().__init__(library, user.id, everyone=may(user, Act.READ_ALL_DRAFTS))
        self._notebook = Notebook(library, user)

    # ------------------------------------------------------------------ conversations

    def save_turn(self, conversation_id: str | None, question: str, answer: Answer) -> str:
        """Append a turn; a question was noted when it was asked."""
        self._notebook.require(Act.ASK)
        answer = replace(answer, question=mask(answer.question))
        return super().save_turn(conversation_id, mask(question), answer)

    def delete(self, conversation_id: str) -> None:
        """Delete an own conversation."""
        super().delete(conversation_id)
        self._notebook.note("删除会话", conversation_id)

    # ------------------------------------------------------------------ drafts

    def drafts(self, *, everyone: bool = False) -> tuple[DraftRecord, ...]:
        """List own drafts, or all; raises `AccessRefused` where all are not for this user."""
        if everyone:
            self._notebook.require(Act.READ_ALL_DRAFTS)
        return super().drafts(everyone=everyone)

    def save_draft(self, record: DraftRecord) -> DraftRecord:
        """Store a version; finishing and reopening are acts of their own."""
        held = self.held(record.id) if record.id else None
        was_final = held is not None and held.state == FINAL
        act = _act(record, was_final=was_final)
        self._notebook.require(act, record.id)
        if held is None:
            check_text(record.problem)
            record = replace(record, problem=mask(record.problem))
        stored = super().save_draft(record)
        action = act.value if act is not Act.DRAFT else ("存草稿" if held else "新建草稿")
        self._note_draft(action, stored)
        return stored

    def delete_draft(self, draft_id: str) -> None:
        """Delete a draft: an own one that is not final, or any as 管理员."""
        held = self.draft_record(draft_id)
        if held.owner != self.owner:
            self._notebook.require(Act.REMOVE, draft_id)
        elif held.state == FINAL:
            self._notebook.require(Act.RETURN, draft_id)
        super().delete_draft(draft_id)
        self._note_draft("删除草稿", held)

    def _note_draft(self, action: str, record: DraftRecord) -> None:
        whose = f"（{record.owner}的）" if record.owner != self.owner else ""
        version = f"第{record.version}版"
        self._notebook.note(action, f"{record.id} {version}{whose}：{excerpt(record.problem)}")

    # ------------------------------------------------------------------ profile

    def save_profile(self, profile: UnitProfile, *, office: bool = False) -> None:
        """Store the own unit profile, or as 管理员 the office's."""
        self._notebook.require(Act.OFFICE_PROFILE if office else Act.PROFILE)
        super().save_profile(profile, office=office)
        self._notebook.note((Act.OFFICE_PROFILE if office else Act.PROFILE).value)


def _act(record: DraftRecord, *, was_final: bool) -> Act:
    if record.state == FINAL:
        return Act.FINALISE
    return Act.RETURN if was_final else Act.DRAFT
