"""Which request fields an endpoint takes: start with the best, step down on refusal. Pure.

Vendors that all call themselves compatible differ in `response_format` (schema, plain object or
neither), in the name of the output limit and in whether a temperature may be set at all.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from assistant.endpoints.address import JsonMode

_LADDER: tuple[JsonMode, ...] = ("json_schema", "json_object", "text")
_REFUSALS = frozenset({400, 404, 415, 422, 500, 501})
_RENAMED = re.compile(r"max_completion_tokens.{0,40}instead|unsupported", re.IGNORECASE)
_EXTRA = re.compile(r"think|reasoning|extra|(unexpected|unknown|unrecognized) ", re.IGNORECASE)
_NOT_OURS = re.compile(r"context.{0,20}(length|size)|model.{0,40}not (found|exist)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """The fields known or hoped to work."""

    json_mode: JsonMode = "json_schema"
    limit_field: str = "max_tokens"
    """Name of the output limit; empty when the server will not have it set."""
    temperature: bool = True
    refused_extras: frozenset[str] = frozenset()
    """Keys of `extra_body` the server will not have."""

    @classmethod
    def starting(cls, json_mode: JsonMode) -> Dialect:
        """Return the dialect to try first."""
        return cls(json_mode=_LADDER[0] if json_mode == "auto" else json_mode)

    def lower(self) -> Dialect | None:
        """Return the next rung down for JSON, or nothing below plain text."""
        place = _LADDER.index(self.json_mode)
        if place + 1 == len(_LADDER):
            return None
        return replace(self, json_mode=_LADDER[place + 1])

    def after_refusal(
        self, status: int, detail: str, *, extras: Collection[str], wants_json: bool
    ) -> Dialect | None:
        """Return what to try after an HTTP error, or nothing when no field can be to blame.

        Each step gives something up for good, so a chain of refusals ends.
        """
        if status not in _REFUSALS:
            return None
        if self.limit_field and re.search(r"max_(completion_)?tokens", detail):
            renamed = self.limit_field == "max_tokens" and _RENAMED.search(detail)
            return replace(self, limit_field="max_completion_tokens" if renamed else "")
        if self.temperature and "temperature" in detail:
            return replace(self, temperature=False)
        sent = frozenset(extras) - self.refused_extras
        if refused := {key for key in sent if key in detail} or (
            sent if _EXTRA.search(detail) else frozenset()
        ):
            return replace(self, refused_extras=self.refused_extras | refused)
        # Servers word this refusal in every way, so any refusal of a request for JSON steps down:
        # an error that had another cause comes back unchanged from the lowest rung.
        if wants_json and not _NOT_OURS.search(detail):
            return self.lower()
        return None

    def response_format(self, schema: Mapping[str, object]) -> dict[str, object]:
        """Return the request field that asks for JSON on this rung."""
        if self.json_mode == "json_schema":
            name = str(schema.get("title") or "reply")
            wanted = {"name": name, "schema": dict(schema), "strict": True}
            return {"response_format": {"type": "json_schema", "json_schema": wanted}}
        if self.json_mode == "json_object":
            return {"response_format": {"type": "json_object"}}
        return {}
