"""What users leave on their desk: conversations, drafts with versions, the unit profile.

Shares the Library's file; knows nothing of search or writing. Everything has an owner: what is
another's is not found, whoever knows its id. Without access control there is one owner, "".
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, true, update

from assistant.errors import NotFound
from assistant.library import Library, now
from assistant.models import Answer, Conversation, DraftRecord, Turn, UnitProfile
from assistant.record.schema import conversations, draft_versions, drafts, turns

TITLE_LENGTH = 24
OFFICE_PROFILE = "profile"
ANSWERS_KEPT = 400
RECORDS_KEPT = 300
"""Drafts; with the cases it rests on one takes up to a third of a megabyte."""
READ_AT_ONCE = 200


# made when first needed: together they take longer than a search
@cache
def _answer() -> TypeAdapter[Answer]:
    return TypeAdapter(Answer)


@cache
def _record() -> TypeAdapter[DraftRecord]:
    return TypeAdapter(DraftRecord)


@cache
def _profile() -> TypeAdapter[UnitProfile]:
    return TypeAdapter(UnitProfile)


@lru_cache(maxsize=ANSWERS_KEPT)
def _read_answer(body: str) -> Answer:
    """Read a stored answer; a long conversation is opened again with every click on its page."""
    return _answer().validate_json(body)


class Desk:
    """Conversations and drafts of one owner; with `everyone` the drafts of others open too."""

    def __init__(self, library: Library, owner: str = "", *, everyone: bool = False) -> None:
        self._library = library
        self.owner = owner
        self._everyone = everyone

    def _mine(self) -> ColumnElement[bool]:
        return conversations.c.owner == self.owner

    def _within(self, *, everyone: bool = True) -> ColumnElement[bool]:
        return true() if self._everyone and everyone else drafts.c.owner == self.owner

    # ------------------------------------------------------------------ conversations

    def conversations(self, search: str = "") -> tuple[Conversation, ...]:
        """List conversations without their turns, newest first; `search` looks in every text."""
        query = (
            select(conversations)
            .where(self._mine())
            .order_by(conversations.c.updated.desc(), conversations.c.id)
        )
        if search.strip():
            like = f"%{_escaped(search.strip())}%"
            inside = select(turns.c.conversation_id).where(
                or_(
                    turns.c.question.ilike(like, escape="\\"),
                    turns.c.answer.ilike(like, escape="\\"),
                )
            )
            query = query.where(
                conversations.c.title.ilike(like, escape="\\") | conversations.c.id.in_(inside)
            )
        with self._library.reading() as connection:
            rows = connection.execute(query).all()
        return tuple(Conversation(row.id, row.title, row.updated) for row in rows)

    def conversation(self, conversation_id: str) -> Conversation:
        """Give one conversation with its turns; raises `NotFound`."""
        with self._library.reading() as connection:
            head = connection.execute(
                select(conversations)
                .where(conversations.c.id == conversation_id)
                .where(self._mine())
            ).one_or_none()
            rows = connection.execute(
                select(turns)
                .where(turns.c.conversation_id == conversation_id)
                .order_by(turns.c.position)
            ).all()
        if head is None:
            raise _no_conversation()
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
            if conversation_id is None or not self._owns(connection, conversation_id):
                conversation_id = conversation_id or _new_id()
                connection.execute(
                    insert(conversations).values(
                        id=conversation_id,
                        title=_title(question),
                        updated=stamp,
                        owner=self.owner,
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
                    answer=_answer().dump_json(answer).decode(),
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
                .where(self._mine())
                .values(title=title.strip() or "未命名会话")
            )

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation with its turns."""
        with self._library.writing() as connection:
            if not self._owns(connection, conversation_id):
                return
            connection.execute(delete(turns).where(turns.c.conversation_id == conversation_id))
            connection.execute(delete(conversations).where(conversations.c.id == conversation_id))

    def feedback(
        self, conversation_id: str, position: int, score: int | None, reason: str = ""
    ) -> None:
        """Store what the user thought of the answer at `position` (from 0)."""
        with self._library.writing() as connection:
            if not self._owns(connection, conversation_id):
                return
            connection.execute(
                update(turns)
                .where(turns.c.conversation_id == conversation_id)
                .where(turns.c.position == position)
                .values(score=score, reason=reason)
            )

    def _owns(self, connection: Connection, conversation_id: str) -> bool:
        """Tell whether it is there; raises `NotFound` where it is another's."""
        owner = connection.scalar(
            select(conversations.c.owner).where(conversations.c.id == conversation_id)
        )
        if owner not in (None, self.owner):
            raise _no_conversation()
        return owner is not None

    # ------------------------------------------------------------------ drafts

    def drafts(self, *, everyone: bool = False) -> tuple[DraftRecord, ...]:
        """List the current version of every draft of the owner, in order of making.

        With `everyone` also those of the others, where this desk may open them.
        """
        with self._library.reading() as connection:
            return self._current(connection, self._within(everyone=everyone))

    def draft_record(self, draft_id: str) -> DraftRecord:
        """Give the current version of a draft; raises `NotFound`."""
        found = self.held(draft_id)
        if found is None:
            raise _no_draft()
        return found

    def held(self, draft_id: str) -> DraftRecord | None:
        """Give the current version of a draft; nothing where there is none of this id."""
        with self._library.reading() as connection:
            found = self._current(connection, self._within(), drafts.c.id == draft_id)
        return found[0] if found else None

    def _current(
        self, connection: Connection, *wanted: ColumnElement[bool]
    ) -> tuple[DraftRecord, ...]:
        """Give current versions in order of making; texts are read only of those not yet known.

        The whole list is opened again with every click on its page, and a draft holds the cases
        it rests on: what changed since is one of many.
        """
        head = (drafts.c.id, drafts.c.version, drafts.c.updated, drafts.c.owner)
        rows = connection.execute(select(*head).where(*wanted).order_by(drafts.c.id)).all()
        stored = [_Stored(*row) for row in rows]
        known = _RECORDS.of(stored)
        unread = [one.id for one in stored if one.id not in known]
        for at in range(0, len(unread), READ_AT_ONCE):
            query = (
                select(*head, draft_versions.c.body)
                .join(draft_versions, drafts.c.id == draft_versions.c.draft_id)
                .where(draft_versions.c.version == drafts.c.version)
                .where(drafts.c.id.in_(unread[at : at + READ_AT_ONCE]))
            )
            for *one, body in connection.execute(query).all():
                read = _Stored(*one)
                known[read.id] = _RECORDS.keep(read, _read_record(body, read.owner))
        return tuple(known[one.id] for one in stored if one.id in known)

    def save_draft(self, record: DraftRecord) -> DraftRecord:
        """Store a new version; an empty id makes a new draft. Gives the record as stored."""
        stamp = now()
        with self._library.writing() as connection:
            if not record.id:
                made = connection.scalar(select(func.count()).select_from(draft_versions)) or 0
                record = replace(
                    record, id=f"{stamp[:10].replace('-', '')}-{made:05d}-{_new_id()[:6]}"
                )
            owner, last = self._held(connection, record.id)
            record = replace(record, version=last + 1, updated=stamp, owner=owner)
            if not last:
                connection.execute(
                    insert(drafts).values(
                        id=record.id, version=record.version, updated=stamp, owner=owner
                    )
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
                    body=_record().dump_json(record).decode(),
                )
            )
        return record

    def draft_versions(self, draft_id: str) -> tuple[DraftRecord, ...]:
        """Give every stored version of a draft, newest first."""
        with self._library.reading() as connection:
            rows = connection.execute(
                select(draft_versions.c.body, drafts.c.owner)
                .join(drafts, drafts.c.id == draft_versions.c.draft_id)
                .where(draft_versions.c.draft_id == draft_id)
                .where(self._within())
                .order_by(draft_versions.c.version.desc())
            ).all()
        return tuple(_read_record(row.body, row.owner) for row in rows)

    def _held(self, connection: Connection, draft_id: str) -> tuple[str, int]:
        """Give owner and last version of a draft, a new one's being mine and 0.

        Raises `NotFound` where it is another's.
        """
        row = connection.execute(
            select(drafts.c.owner, drafts.c.version).where(drafts.c.id == draft_id)
        ).one_or_none()
        if row is None:
            return self.owner, 0
        if not self._everyone and row.owner != self.owner:
            raise _no_draft()
        return row.owner, row.version

    def restore(self, draft_id: str, version: int) -> DraftRecord:
        """Make an earlier version the current one, as a new version: nothing is lost."""
        found = next((r for r in self.draft_versions(draft_id) if r.version == version), None)
        if found is None:
            raise NotFound(f"没有第 {version} 版", where=draft_id, todo="请从版本列表中选择")
        return self.save_draft(found)

    def delete_draft(self, draft_id: str) -> None:
        """Delete a draft with all its versions."""
        with self._library.writing() as connection:
            self._held(connection, draft_id)
            connection.execute(delete(draft_versions).where(draft_versions.c.draft_id == draft_id))
            connection.execute(delete(drafts).where(drafts.c.id == draft_id))

    # ------------------------------------------------------------------ profile

    def profile(self) -> UnitProfile:
        """Give the owner's unit profile, else the office's, else an empty one."""
        stored = self._library.value(self._profile_key()) or self._library.value(OFFICE_PROFILE)
        return _profile().validate_json(stored) if stored else UnitProfile()

    def save_profile(self, profile: UnitProfile, *, office: bool = False) -> None:
        """Store the owner's unit profile, or the one all start from."""
        key = OFFICE_PROFILE if office else self._profile_key()
        self._library.set_value(key, _profile().dump_json(profile).decode())

    def _profile_key(self) -> str:
        return f"{OFFICE_PROFILE}:{self.owner}" if self.owner else OFFICE_PROFILE


class _Stored(NamedTuple):
    """A draft as it stands, without its text: what never changes while these stay the same."""

    id: str
    version: int
    updated: str
    owner: str


class _Records:
    """Drafts read before, shared by all desks; the longest unused go first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Stored, DraftRecord] = OrderedDict()

    def of(self, stored: Sequence[_Stored]) -> dict[str, DraftRecord]:
        """Give those that are known, by id."""
        with self._lock:
            known = [one for one in stored if one in self._kept]
            for one in known:
                self._kept.move_to_end(one)
            return {one.id: self._kept[one] for one in known}

    def keep(self, stored: _Stored, record: DraftRecord) -> DraftRecord:
        """Remember a draft; gives it."""
        with self._lock:
            self._kept[stored] = record
            while len(self._kept) > RECORDS_KEPT:
                self._kept.popitem(last=False)
        return record


_RECORDS = _Records()


def _read_record(body: str, owner: str) -> DraftRecord:
    return replace(_record().validate_json(body), owner=owner)


def _no_conversation() -> NotFound:
    return NotFound("没有这个会话，可能已被删除", todo="请从左侧会话列表中另选，或新建会话")


def _no_draft() -> NotFound:
    return NotFound("没有这份草稿，可能已被删除", todo="请从问题列表中另选")


def _title(question: str) -> str:
    text = " ".join(question.split())
    return text if len(text) <= TITLE_LENGTH else text[: TITLE_LENGTH - 1] + "…"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _new_id() -> str:
    """Give an id nobody had: a count or the time would come back after a deletion."""
    return secrets.token_hex(6)
