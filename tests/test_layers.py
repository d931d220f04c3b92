"""Data flows one way: a module imports only from lower layers; each library has one door."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent

LAYERS: tuple[tuple[str, ...], ...] = (
    ("prompts", "vectorstore"),
    ("assistant.models", "assistant.errors", "assistant.system_text"),
    # packages whose modules stand in several layers below; they themselves import nothing
    (
        "assistant.access",
        "assistant.comparing",
        "assistant.endpoints",
        "assistant.operation",
        "assistant.outgoing",
        "assistant.record",
    ),
    (
        "assistant.operation.logs",
        "assistant.operation.memory",
        "assistant.operation.metrics",
        "assistant.operation.queueing",
    ),
    ("assistant.operation.operations",),
    ("assistant.operation.observed",),
    ("assistant.labels", "assistant.corrections", "assistant.contract"),
    (
        "assistant.access.policy",
        "assistant.access.refusals",
        "assistant.access.hosts",
        "assistant.access.gate_answers",
        "assistant.personal_data",
    ),
    ("assistant.settings_access",),
    ("assistant.endpoints.address", "assistant.database_url", "assistant.settings_file"),
    ("assistant.endpoints.providers",),
    ("assistant.settings",),
    ("assistant.access.identity", "assistant.access.role_lists"),
    ("assistant.access.gate",),
    ("assistant.access.front_door",),
    ("assistant.loading",),
    ("assistant.cleaning",),
    ("assistant.display",),
    ("assistant.taxonomy",),
    ("assistant.facts",),
    ("assistant.outgoing.masking",),
    ("assistant.parsing",),
    ("assistant.reading", "assistant.unit_file"),
    ("assistant.record.schema", "assistant.record.rows"),
    ("assistant.record.migrations", "assistant.record.audit"),
    ("assistant.record.copying", "assistant.record.notices", "assistant.record.engine"),
    ("assistant.record.sqlite", "assistant.record.kept"),
    ("assistant.record.postgres",),
    ("assistant.library",),
    ("assistant.record.desk", "assistant.ingesting", "assistant.backup"),
    ("assistant.passages",),
    ("assistant.indexing", "assistant.query_filters"),
    ("assistant.index_follower", "assistant.followup", "assistant.reasons"),
    ("assistant.answerability",),
    ("assistant.retrieval",),
    (
        "assistant.chat_model",
        "assistant.endpoints.thinking",
        "assistant.background",
        "assistant.outgoing.sent",
    ),
    ("assistant.endpoints.dialect", "assistant.endpoints.failures"),
    ("assistant.endpoints.reply",),
    ("assistant.openai_model", "assistant.endpoints.structured"),
    ("assistant.endpoints.check", "assistant.outgoing.model"),
    ("assistant.outgoing.services",),
    ("assistant.writing",),
    (
        "assistant.counting",
        "assistant.scoping",
        "assistant.rewriting",
        "assistant.model_reading",
    ),
    ("assistant.verification",),
    ("assistant.answering", "assistant.batch", "assistant.comparing.counts"),
    ("assistant.comparing.peers", "assistant.comparing.wording"),
    ("assistant.comparing.candidates", "assistant.comparing.practices"),
    ("assistant.comparison",),
    ("assistant.export",),
    ("assistant.operation.doctor_machine",),
    ("assistant.access.audit",),
    ("assistant.ledger_reading",),
    ("assistant.ledger_changing",),
    ("assistant.ledger_merging",),
    ("assistant.asking", "assistant.drafting", "assistant.opening"),
    ("assistant.review",),
    ("assistant.access.guarded_store",),
    ("assistant.access.guarded",),
    ("assistant.access.http_access",),
    ("assistant.evaluation", "assistant.evaluation_reading", "assistant.operation.health"),
    ("assistant.operation.probes",),
    ("assistant.serving", "assistant.cli_text"),
    ("assistant.operation.doctor_services",),
    ("assistant.operation.doctor", "assistant.http_api", "assistant.mcp_server"),
    ("assistant.commands", "assistant.ui"),
    ("assistant.cli", "app"),
)
"""Lowest first. A package stands for all its modules, which order themselves."""

DOORS = {
    "streamlit": ("app", "assistant.ui"),
    "chromadb": ("vectorstore.dense",),
    "openai": (
        "assistant.openai_model",
        "assistant.endpoints.failures",
        "vectorstore.openai_embeddings",
    ),
    "sqlalchemy": ("assistant.library", "assistant.record"),
    "docx": ("assistant.loading", "assistant.export"),
    "openpyxl": ("assistant.loading", "assistant.export"),
    "fastapi": ("assistant.http_api", "assistant.access.http_access"),
    "mcp": ("assistant.mcp_server",),
    "prometheus_client": ("assistant.operation.metrics",),
    "pythonjsonlogger": ("assistant.operation.logs",),
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
