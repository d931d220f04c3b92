"""Ask a model for JSON of a known shape: one parse, one repair, then an honest error.

Works with any `ChatModel`; how far the server enforces the schema is the adapter's concern.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from assistant.chat_model import ChatModel, Message
from assistant.endpoints.failures import model_error
from assistant.errors import ModelError

Shape = TypeVar("Shape", bound=BaseModel)

_FENCE = re.compile(r"```[a-zA-Z]*\s*(.*?)```", re.DOTALL)
_STARTS_TRIED = 40
_ECHO_CHARS = 8_000
_DROPPED_KEYS = frozenset({"title", "default", "$defs"})


def ask_structured(model: ChatModel, messages: Sequence[Message], shape: type[Shape]) -> Shape:
    """Return the answer as `shape`, or raise `ModelError`; of kind `bad-json` with its text."""
    schema = json_schema(shape)
    wanted = json.dumps(schema, ensure_ascii=False)
    # The word JSON must stand in the prompt: some servers refuse their JSON mode without it.
    turns = _with_instruction(
        messages,
        f"只输出一个 JSON 对象，不要输出其他文字。JSON 要符合下面的 JSON Schema：\n{wanted}",
    )
    text = model.complete(turns, schema=schema).text
    try:
        return _parse(text, shape)
    except ValueError as error:
        complaint = _complaint(error)
    turns = [
        *turns,
        Message("assistant", text[:_ECHO_CHARS]),
        Message("user", f"上面的 JSON 不合格：{complaint}\n请改正，重新只输出完整的 JSON 对象。"),
    ]
    text = model.complete(turns, schema=schema).text
    try:
        return _parse(text, shape)
    except ValueError as error:
        raise _bad_json(error, text) from error


def find_json(text: str) -> dict[str, Any]:
    """Return the JSON object in a text: alone, in a fence, or first of the prose around it."""
    fenced = [found.group(1) for found in _FENCE.finditer(text)]
    for candidate in [text, *fenced]:
        found = _load(candidate)
        if found is not None:
            return found
    decoder = json.JSONDecoder()
    starts = [found.start() for found in re.finditer(r"\{", text)][:_STARTS_TRIED]
    for start in starts:
        try:
            value = decoder.raw_decode(text, start)[0]
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            return value
    raise ValueError("输出里没有完整的 JSON 对象")


def json_schema(shape: type[BaseModel]) -> dict[str, Any]:
    """Return the schema in the form strict servers take: all required, nothing added, no refs."""
    raw = shape.model_json_schema()
    strict: dict[str, Any] = _strict(raw, raw.get("$defs", {}))
    strict["title"] = shape.__name__
    return strict


def _strict(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_strict(part, definitions) for part in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _strict(definitions[node["$ref"].rsplit("/", 1)[-1]], definitions)
    kept = {
        # Under `properties` the keys are names of ours, not words of the schema language.
        key: {name: _strict(part, definitions) for name, part in value.items()}
        if key == "properties"
        else _strict(value, definitions)
        for key, value in node.items()
        if key not in _DROPPED_KEYS
    }
    if "properties" in kept:
        kept |= {"required": list(kept["properties"]), "additionalProperties": False}
    return kept


def _load(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _parse(text: str, shape: type[Shape]) -> Shape:
    return shape.model_validate(find_json(text))


def _complaint(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        places = [
            f"{'.'.join(map(str, found['loc']))}：{found['msg']}"
            for found in error.errors(include_url=False, include_input=False)[:5]
        ]
        return "；".join(places)
    return str(error)


def _bad_json(error: ValueError, text: str) -> ModelError:
    return model_error(
        "bad-json", f"模型两次都没有给出合格的结果（{_complaint(error)}）", partial=text
    )


def _with_instruction(messages: Sequence[Message], instruction: str) -> list[Message]:
    """Add to the last message: some chat templates refuse two user turns in a row."""
    *before, last = messages
    return [*before, Message(last.role, f"{last.content}\n\n{instruction}")]
