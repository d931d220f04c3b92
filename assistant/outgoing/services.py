"""Build what talks to endpoints, always watched, and masked where the settings say so."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from assistant.library import Library
from assistant.operation.observed import ObservedEncoder, ObservedScorer
from assistant.outgoing.sent import SentLog
from assistant.record.desk import Desk
from assistant.retrieval import Reranker
from assistant.settings import EmbeddingConfig, Settings
from vectorstore.later import Later
from vectorstore.query_encoder import TextEncoder

if TYPE_CHECKING:
    from assistant import facts, openai_model
    from assistant.endpoints import check
    from assistant.endpoints.check import EndpointReport
    from assistant.outgoing import masking, model
    from assistant.outgoing.masking import Names
    from assistant.outgoing.model import OutgoingModel
    from vectorstore import openai_embeddings
    from vectorstore.openai_embeddings import EndpointConfig
else:  # a program that works offline never loads them
    check = Later("assistant.endpoints.check")
    facts = Later("assistant.facts")
    masking = Later("assistant.outgoing.masking")
    model = Later("assistant.outgoing.model")
    openai_model = Later("assistant.openai_model")
    openai_embeddings = Later("vectorstore.openai_embeddings")

EMBEDDINGS_FILE = "embeddings.sqlite"
LOG_FILE = "sent.jsonl"
_SHORTEST_NAME = 3


class LibraryNames:
    """Names the library and the unit profile hold; gathered anew after a change."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._state: object = None
        self._names: Names | None = None

    def __call__(self) -> Names:
        """Give the names as they are now."""
        profile = Desk(self._library).profile()
        state = (self._library.revision(), profile)
        with self._lock:
            if self._names is None or state != self._state:
                found = {notice.unit or "" for notice in self._library.outlines()}
                found |= {profile.name, *(name for _, name in profile.leaders)}
                self._names = masking.Names(name for raw in found for name in _wordings(raw))
                self._state = state
            return self._names


def _wordings(name: str) -> tuple[str, ...]:
    """A name, and the place or body inside it."""
    parts = [fact.text for fact in facts.find_facts(name) if fact.kind in ("body", "place")]
    long_enough = name if len(name.strip()) >= _SHORTEST_NAME else ""
    person = name if 1 < len(name.strip()) < _SHORTEST_NAME else ""
    return (long_enough, person, *parts)


class Outgoing:
    """The ways out of one open product, and the record of what went through them."""

    def __init__(self, settings: Settings, library: Library, log: SentLog | None = None) -> None:
        self.log = log or SentLog()
        self._library_names = LibraryNames(library)
        self.use(settings)

    def use(self, settings: Settings) -> None:
        """Take changed settings."""
        self._settings = settings
        self._names = self._library_names if settings.mask_sent else None
        self.log.file = settings.home / LOG_FILE if settings.log_sent else None

    def model(self) -> OutgoingModel | None:
        """The chat model, or nothing where none is set."""
        config = self._settings.chat_config()
        if config is None:
            return None
        return model.OutgoingModel(
            openai_model.OpenAIChatModel(config), self.log, names=self._names
        )

    def embeddings(self) -> TextEncoder | None:
        """The embeddings endpoint, or nothing where none is set."""
        config = self._settings.embedding_config()
        if config is None:
            return None
        cache = self._settings.home / EMBEDDINGS_FILE
        encoder = openai_embeddings.OpenAIEmbeddings(self._endpoint(config, "向量"), cache=cache)
        observed = ObservedEncoder(encoder, config.base_url)
        return model.MaskedEmbeddings(observed, self._names) if self._names else observed

    def reranker(self) -> Reranker | None:
        """The rerank endpoint, or nothing where none is set."""
        config = self._settings.rerank_config()
        if config is None:
            return None
        scorer = openai_embeddings.EndpointReranker(self._endpoint(config, "重排"))
        reranker = ObservedScorer(scorer, config.base_url)
        return model.MaskedReranker(reranker, self._names) if self._names else reranker

    def check(self) -> EndpointReport:
        """Try the chat endpoint once, with fixed words of ours only."""
        config = self._settings.chat_config()
        if config is None:
            return check.EndpointReport(ok=False, message="尚未填写模型服务地址，目前离线运行。")
        return check.check_endpoint(config, watch=self.log.watch("测试连接", key=config.api_key))

    def _endpoint(self, config: EmbeddingConfig, purpose: str) -> EndpointConfig:
        watch = self.log.watch(purpose, key=config.api_key, masked=self._names is not None)
        return openai_embeddings.EndpointConfig(
            base_url=config.base_url,
            model=config.model,
            api_key=config.api_key,
            use_proxy=not self._settings.intranet_only,
            hooks=watch.hooks(),
        )
