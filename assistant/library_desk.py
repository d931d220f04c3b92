"""What users leave on their desk: conversations, drafts with versions, the unit profile.

Shares the Library's file; knows nothing of search or writing.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import lru_cache

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, func, insert, or_, select, update

from assistant.errors import NotFound
from assistant.library import Library, now
from assistant.library_schema import conversations, draft_versions, drafts, turns
from assistant.models import Answer, Conversation, DraftRecord, Turn, UnitProfile

_answer = TypeAdapter(Answer)
_record = TypeAdapter(DraftRecord)
_profile = TypeAdapter(UnitProfile)

TITLE_LENGTH = 24
ANSWERS_KEPT = 400


@lru_cache(maxsize=ANSWERS_KEPT)
def _read_answer(body: str) -> Answer:
    """Read a stored answer; a long conversation is opened again with every click on its page."""
    return _answer.validate_json(body)


class Desk:
    """Conversations and drafts of the user."""

    def __init__(self, library: Library) -> None:
        self._library = library

    # ------------------------------------------------------------------ conversations

    def conversations(self, search: str = "") -> tuple[Conversation, ...]:
        """List conversations without their turns, newest first; `search` looks in every text."""
        query = select(conversations).order_by(conversations.c.updated.desc(), conversations.c.id)
        if search.strip():
            like = f"%{_escaped(search.strip())}%"
            inside = select(turns.c.conversation_id).where(
                or_(
                    turns.c.question.like(like, escape="\\"), turns.c.answer.like(like, escape="\\")
                )
            )
            query = query.where(
                conversations.c.title.like(like, escape="\\") | conversations.c.id.in_(inside)
            )
        with self._library.reading() as connection:
            rows = connection.execute(query).all()
        return tuple(Conversation(row.id, row.title, row.updated) for row in rows)

    def conversation(self, conversation_id: str) -> Conversation:
        """Give one conversation with its turns; raises `NotFound`."""
        with self._library.reading() as connection:
            head = connection.execute(
                select(conversations).where(conversations.c.id == conversation_id)
            ).one_or_none()
            rows = connection.execute(
                select(turns)
                .where(turns.c.conversation_id == conversation_id)
                .order_by(turns.c.position)
            ).all()
        if head is None:
            raise NotFound("没有这个会话，可能已被删除", todo="请从左侧会话列表中另选，或新建会话")
        return Conversation(
            head.id,
            head.title,
            head.updated,
            tuple(
                Turn(row.question, _read_answer(row.answer), row.score, row.reason) for row in rows
            ),
        )

    def save_turn(self, conversation_id: str | None, question: str, answer: Answer) -> str:
        """Append a turn, opening a conversation where none is given; gives its id."""
        stamp = now()
        with self._library.writing() as connection:
            if conversation_id is None or not _exists(connection, conversation_id):
                conversation_id = conversation_id or self._new_id(connection, question, stamp)
                connection.execute(
                    insert(conversations).values(
                        id=conversation_id, title=_title(question), updated=stamp
                    )
                )
            count = connection.scalar(
                select(func.count())
                .select_from(turns)
                .where(turns.c.conversation_id == conversation_id)
            )
            connection.execute(
                insert(turns).values(
                    conversation_id=conversation_id,
                    position=count or 0,
                    question=question,
                    answer=_answer.dump_json(answer).decode(),
                    reason="",
                )
            )
            connection.execute(
                update(conversations)
                .where(conversations.c.id == conversation_id)
                .values(updated=stamp)
            )
        return conversation_id

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title."""
        with self._library.writing() as connection:
            connection.execute(
                update(conversations)
                .where(conversations.c.id == conversation_id)
                .values(title=title.strip() or "未命名会话")
            )

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation with its turns."""
        with self._library.writing() as connection:
            connection.execute(delete(turns).where(turns.c.conversation_id == conversation_id))
            connection.execute(delete(conversations).where(conversations.c.id == conversation_id))

    def feedback(
        self, conversation_id: str, position: int, score: int | None, reason: str = ""
    ) -> None:
        """Store what the user thought of the answer at `position` (from 0)."""
        with self._library.writing() as connection:
            connection.execute(
                update(turns)
                .where(turns.c.conversation_id == conversation_id)
                .where(turns.c.position == position)
                .values(score=score, reason=reason)
            )

    @staticmethod
    def _new_id(connection: Connection, question: str, stamp: str) -> str:
        count = connection.scalar(select(func.count()).select_from(turns)) or 0
        return hashlib.sha256(f"{stamp}{count}{question}".encode()).hexdigest()[:12]

    # ------------------------------------------------------------------ drafts

    def drafts(self) -> tuple[DraftRecord, ...]:
        """List the current version of every draft, in order of making."""
        with self._library.reading() as connection:
            rows = connection.execute(
                select(draft_versions.c.body)
                .join(drafts, drafts.c.id == draft_versions.c.draft_id)
                .where(draft_versions.c.version == drafts.c.version)
                .order_by(drafts.c.id)
            ).all()
        return tuple(_record.validate_json(row.body) for row in rows)

    def draft_record(self, draft_id: str) -> DraftRecord:
        """Give the current version of a draft; raises `NotFound`."""
        found = next((r for r in self.drafts() if r.id == draft_id), None)
        if found is None:
            raise NotFound("没有这份草稿，可能已被删除", todo="请从问题列表中另选")
        return found

    def save_draft(self, record: DraftRecord) -> DraftRecord:
        """Store a new version; an empty id makes a new draft. Gives the record as stored."""
        stamp = now()
        with self._library.writing() as connection:
            if not record.id:
                made = connection.scalar(select(func.count()).select_from(draft_versions)) or 0
                digest = hashlib.sha256(f"{stamp}{made}{record.problem}".encode()).hexdigest()
                record = replace(
                    record, id=f"{stamp[:10].replace('-', '')}-{made:05d}-{digest[:6]}"
                )
            last = connection.scalar(
                select(func.max(draft_versions.c.version)).where(
                    draft_versions.c.draft_id == record.id
                )
            )
            record = replace(record, version=(last or 0) + 1, updated=stamp)
            if last is None:
                connection.execute(
                    insert(drafts).values(id=record.id, version=record.version, updated=stamp)
                )
            else:
                connection.execute(
                    update(drafts)
                    .where(drafts.c.id == record.id)
                    .values(version=record.version, updated=stamp)
                )
            connection.execute(
                insert(draft_versions).values(
                    draft_id=record.id,
                    version=record.version,
                    saved=stamp,
                    body=_record.dump_json(record).decode(),
                )
            )
        return record

    def draft_versions(self, draft_id: str) -> tuple[DraftRecord, ...]:
        """Give every stored version of a draft, newest first."""
        with self._library.reading() as connection:
            rows = connection.execute(
                select(draft_versions.c.body)
                .where(draft_versions.c.draft_id == draft_id)
                .order_by(draft_versions.c.version.desc())
            ).all()
        return tuple(_record.validate_json(row.body) for row in rows)

    def restore(self, draft_id: str, version: int) -> DraftRecord:
        """Make an earlier version the current one, as a new version: nothing is lost."""
        found = next((r for r in self.draft_versions(draft_id) if r.version == version), None)
        if found is None:
            raise NotFound(f"没有第 {version} 版", where=draft_id, todo="请从版本列表中选择")
        return self.save_draft(found)

    def delete_draft(self, draft_id: str) -> None:
        """Delete a draft with all its versions."""
        with self._library.writing() as connection:
            connection.execute(delete(draft_versions).where(draft_versions.c.draft_id == draft_id))
            connection.execute(delete(drafts).where(drafts.c.id == draft_id))

    # ------------------------------------------------------------------ profile

    def profile(self) -> UnitProfile:
        """Give the unit profile; an empty one where none was filled in."""
        stored = self._library.value("profile")
        return _profile.validate_json(stored) if stored else UnitProfile()

    def save_profile(self, profile: UnitProfile) -> None:
        """Store the unit profile."""
        self._library.set_value("profile", _profile.dump_json(profile).decode())


def _exists(connection: Connection, conversation_id: str) -> bool:
    query = select(conversations.c.id).where(conversations.c.id == conversation_id)
    return connection.scalar(query) is not None


def _title(question: str) -> str:
    text = " ".join(question.split())
    return text if len(text) <= TITLE_LENGTH else text[: TITLE_LENGTH - 1] + "…"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
