"""Data flows one way: a module imports only from lower layers; each library has one door."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent

LAYERS: tuple[tuple[str, ...], ...] = (
    ("prompts", "vectorstore"),
    ("assistant.models", "assistant.errors"),
    ("assistant.labels", "assistant.corrections", "assistant.followup", "assistant.contract"),
    ("assistant.endpoint", "assistant.settings_file"),
    ("assistant.providers",),
    ("assistant.settings",),
    ("assistant.loading",),
    ("assistant.cleaning",),
    ("assistant.taxonomy",),
    ("assistant.facts",),
    ("assistant.parsing",),
    ("assistant.reading", "assistant.unit_file"),
    ("assistant.library_schema",),
    ("assistant.library",),
    ("assistant.library_desk", "assistant.ingesting", "assistant.backup"),
    ("assistant.passages",),
    ("assistant.indexing", "assistant.query_filters"),
    ("assistant.counting", "assistant.reasons"),
    ("assistant.answerability",),
    ("assistant.retrieval",),
    ("assistant.chat_model", "assistant.thinking", "assistant.background"),
    ("assistant.dialect", "assistant.model_failures"),
    ("assistant.model_reply",),
    ("assistant.openai_model", "assistant.structured"),
    ("assistant.endpoint_check",),
    ("assistant.writing",),
    ("assistant.rewriting", "assistant.model_reading"),
    ("assistant.verification",),
    ("assistant.answering", "assistant.batch", "assistant.comparison_counts"),
    ("assistant.comparison_peers", "assistant.comparison_wording"),
    ("assistant.comparison_practices",),
    ("assistant.comparison",),
    ("assistant.export",),
    ("assistant.ledger_reading", "assistant.ledger_merging"),
    ("assistant.ledger_reading",),
    ("assistant.ledger_merging",),
    ("assistant.review",),
    ("assistant.evaluation", "assistant.evaluation_reading"),
    ("assistant.serving", "assistant.cli_text"),
    ("assistant.doctor", "assistant.http_api", "assistant.mcp_server"),
    ("assistant.commands", "assistant.ui"),
    ("assistant.cli", "app"),
)
"""Lowest first. A package stands for all its modules, which order themselves."""

DOORS = {
    "streamlit": ("app", "assistant.ui"),
    "chromadb": ("vectorstore.dense",),
    "openai": (
        "assistant.openai_model",
        "assistant.model_failures",
        "vectorstore.openai_embeddings",
    ),
    "sqlalchemy": ("assistant.library", "assistant.library_schema", "assistant.library_desk"),
    "docx": ("assistant.loading", "assistant.export"),
    "openpyxl": ("assistant.loading", "assistant.export"),
    "fastapi": ("assistant.http_api",),
    "mcp": ("assistant.mcp_server",),
}


def modules() -> dict[str, Path]:
    found = {}
    for top in ("assistant", "vectorstore", "prompts"):
        for path in (REPOSITORY / top).rglob("*.py"):
            name = ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    found["app"] = REPOSITORY / "app.py"
    return found


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(module: str) -> str | None:
    rooms = [room for layer in LAYERS for room in layer]
    fitting = [room for room in rooms if module == room or module.startswith(f"{room}.")]
    return max(fitting, key=len, default=None)


LEVEL = {room: level for level, layer in enumerate(LAYERS) for room in layer}


@pytest.mark.parametrize("module", sorted(modules()))
def test_a_module_imports_only_from_lower_layers(module: str) -> None:
    room = room_of(module)
    if module == "assistant":
        return
    assert room is not None, f"{module} needs a line in LAYERS"
    for name in imports(modules()[module]):
        other = room_of(name)
        if other is None or other == room:
            continue
        assert LEVEL[other] < LEVEL[room], f"{module} imports {name} from a layer not below it"


def test_the_vector_store_and_the_prompts_know_nothing_of_the_assistant() -> None:
    for module, path in modules().items():
        if module.split(".")[0] in ("vectorstore", "prompts"):
            assert not [name for name in imports(path) if name.startswith("assistant")]


@pytest.mark.parametrize("library", DOORS)
def test_each_library_has_one_door(library: str) -> None:
    users = {
        module
        for module, path in modules().items()
        if any(name == library or name.startswith(f"{library}.") for name in imports(path))
    }
    strangers = [
        user
        for user in users
        if not any(user == door or user.startswith(f"{door}.") for door in DOORS[library])
    ]
    assert not strangers
    assert users


def test_every_room_listed_exists() -> None:
    known = modules()
    for layer in LAYERS:
        for room in layer:
            assert room in known, f"{room} is listed but gone"
