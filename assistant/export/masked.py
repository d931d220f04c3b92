"""What goes into a file, with numbers of persons masked and counted. Pure.

The stored text stays as it was typed; only the copy that leaves is masked, in the same length.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

from assistant.personal_data import find_numbers, mask, told

Value = TypeVar("Value")
_NAMES = frozenset({"id", "notice_id", "case_id", "record_id", "sha256", "base"})
"""Fields that name records: a mask in one would lose what it names."""


def masked(value: Value) -> Value:
    """Give texts, and what holds texts, masked; the very same object where there is nothing."""
    return cast(Value, _masked(value))


def masked_note(*values: object) -> str:
    """Say in a Chinese sentence what was masked; nothing where there was nothing."""
    found = told(text for value in values for text in texts_of(value))
    return f"含{found}，文件中已遮盖" if found else ""


def _masked(value: Any) -> Any:
    if type(value) is str:
        return mask(value) if find_numbers(value) else value
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        parts = [_masked(part) for part in value]
        same = all(new is old for new, old in zip(parts, value, strict=True))
        return value if same else type(value)(parts)
    if is_dataclass(value) and not isinstance(value, type):
        changes = {
            field.name: new
            for field in fields(value)
            if field.init
            and field.name not in _NAMES
            and (new := _masked(old := getattr(value, field.name))) is not old
        }
        return replace(value, **changes) if changes else value
    return value


def texts_of(value: Any) -> Iterator[str]:
    """Give every text of a value, names of records left out."""
    if type(value) is str:
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts_of(part)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            if field.name not in _NAMES:
                yield from texts_of(getattr(value, field.name))
