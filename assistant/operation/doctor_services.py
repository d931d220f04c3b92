"""What doctor looks at inside and around the product: Library, index, services, access."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from assistant.access.front_door import require_closed
from assistant.access.hosts import is_loopback
from assistant.endpoints.check import check_endpoint
from assistant.errors import AssistantError
from assistant.library import Library, open_library
from assistant.opening import chroma_host
from assistant.outgoing.services import Outgoing
from assistant.record.schema import SCHEMA_VERSION
from assistant.review import build_reviewer
from assistant.settings import Settings
from vectorstore import dense
from vectorstore.errors import BrokenIndex, EmbeddingFailed, StoreUnreachable

SAMPLE = "党费收缴"
"""A fixed word of ours, sent to an endpoint to see whether it answers."""


@contextmanager
def _opened(settings: Settings) -> Iterator[Library]:
    library = open_library(settings.home, settings.library_url())
    try:
        yield library
    finally:
        library.close()


def library(settings: Settings) -> str:
    """The record: opens, is whole, of this program's form."""
    with _opened(settings) as held:
        held.check()
        overview = held.overview()
        kind = "PostgreSQL" if settings.library_url() else "SQLite"
        return (
            f"{overview.notices}份通报，{overview.cases}条案例，完整性检查通过"
            f"（{kind}：{held.where}，格式版本 {SCHEMA_VERSION}）"
        )


def index(settings: Settings) -> str:
    """The index: opens, stands for the record, finds what is in it."""
    with _opened(settings) as held:
        revision = held.revision()
    reviewer = None
    try:
        reviewer = build_reviewer(settings)
        cases = reviewer.overview().cases
        if not cases:
            return "案例库为空，尚无索引"
        reviewer.index.open_vectors()
        some = next(notice for notice in reviewer.outlines() if notice.cases)
        first = reviewer.case(some.cases[0].id)
        if not reviewer.search(first.problem, limit=1).hits:
            raise AssistantError("索引查不到库中的案例", todo="请运行 zhenggai reindex 重建")
        held_revision = reviewer.index.state().get("revision", "")
        if held_revision != str(reviewer.library.revision()):
            raise AssistantError(
                f"索引停在第 {held_revision} 次改动，案例库已到第 {revision} 次",
                todo="若没有正在进行的导入，请运行 zhenggai reindex",
            )
        return f"可检索，与案例库一致（{cases}条案例）"
    finally:
        if reviewer is not None:
            reviewer.library.close()


def chroma(settings: Settings) -> str:
    """The vector database: embedded, or a server that answers."""
    if not settings.chroma_url:
        return f"用本机内置的向量库（chromadb {dense.version()}）"
    where = chroma_host(settings.chroma_url)
    settings.require_allowed(where)
    try:
        answered = dense.reach(settings.chroma_url)
    except (StoreUnreachable, BrokenIndex) as error:
        raise AssistantError(
            f"连不上向量数据库服务（{error}）",
            where=where,
            todo="请检查 ZHENGGAI_CHROMA_URL、该服务是否在运行、防火墙与令牌",
        ) from error
    return f"{where} 应答正常（版本 {answered}）"


def endpoint(settings: Settings) -> str:
    """The chat endpoint."""
    config = settings.chat_config()
    if config is None:
        return "未设置，离线运行（回答与草稿直接依据案例整理）"
    report = check_endpoint(config)
    if not report.ok:
        raise AssistantError(report.message)
    return report.message


def embeddings(settings: Settings) -> str:
    """The embeddings endpoint."""
    if settings.embedding_config() is None:
        return "未设置，用内置编码"
    with _opened(settings) as held:
        encoder = Outgoing(settings, held).embeddings()
        assert encoder is not None
        try:
            rows = encoder.encode([SAMPLE])
        except EmbeddingFailed as error:
            raise _no_answer("向量", "ZHENGGAI_EMBEDDINGS_", error) from error
    return f"应答正常，{rows.shape[1]} 维"


def rerank(settings: Settings) -> str:
    """The rerank endpoint."""
    if settings.rerank_config() is None:
        return "未设置"
    with _opened(settings) as held:
        scorer = Outgoing(settings, held).reranker()
        assert scorer is not None
        try:
            scorer.score(SAMPLE, [SAMPLE])
        except EmbeddingFailed as error:
            raise _no_answer("重排", "ZHENGGAI_RERANK_", error) from error
    return "应答正常"


def _no_answer(name: str, prefix: str, error: EmbeddingFailed) -> AssistantError:
    return AssistantError(
        f"{name}接口没有给出可用的结果（{error}）",
        todo=f"请检查 {prefix}BASE_URL、{prefix}MODEL、{prefix}API_KEY 与该服务；不用的可清空",
    )


def access(settings: Settings) -> str:
    """Who may come in, at the address the settings suggest."""
    beyond = [name for name in settings.allowed_hosts if not is_loopback(name)]
    address = beyond[0] if beyond else "127.0.0.1"
    require_closed(settings, address)
    if settings.access == "off":
        if beyond:
            raise AssistantError(
                "没有设置登录而允许本机以外访问，能连上的人都可以查看、修改和删除",
                where="、".join(beyond),
                todo="请设置 ZHENGGAI_ACCESS 为 header 或 oidc",
            )
        return "未设登录，只应在本机使用"
    if settings.access == "header" and not settings.header_secret.get_secret_value():
        return "由代理登录；建议再设 ZHENGGAI_HEADER_SECRET，防止绕过代理冒名"
    named = {"header": "由代理登录", "oidc": "统一登录"}[settings.access]
    roles = f"管理员 {len(settings.admins)} 人或组" if settings.admins else "尚未指定管理员"
    return f"{named}；{roles}，其余为{settings.default_role}"
