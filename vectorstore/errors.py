"""What this package raises on purpose. Texts are English: the caller says it to people."""


class VectorStoreError(Exception):
    """Base of all raised here on purpose."""


class BrokenIndex(VectorStoreError):
    """What is on disk is not what was published; it must be rebuilt, not opened."""


class PoorGraph(VectorStoreError):
    """The vector database holds every row but walks past too many; nothing is broken."""


class StoreUnreachable(VectorStoreError):
    """The vector database server does not answer."""


class EmbeddingFailed(VectorStoreError):
    """The embeddings endpoint gave no usable answer."""


class IndexBusy(VectorStoreError):
    """Another process is building."""
