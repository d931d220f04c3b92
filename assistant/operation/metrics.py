"""What is counted and timed, in Prometheus' text form. The only door to its client library.

Labels are names of ours (operation, outcome, host of a model endpoint): never text of a user.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Reading = Callable[[], float]


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._gauges = _Gauges()
        self._registry.register(self._gauges)
        self._operations = Counter(
            "zhenggai_operations",
            "Operations by how they ended",
            ["operation", "outcome"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "zhenggai_operation_seconds",
            "How long operations took, waiting in line included",
            ["operation"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self._model_calls = Counter(
            "zhenggai_model_calls",
            "Calls of model, embeddings and rerank endpoints by how they ended",
            ["service", "host", "outcome"],
            registry=self._registry,
        )

    def count(self, operation: str, outcome: str, seconds: float) -> None:
        """Count an operation that ended."""
        self._operations.labels(operation, outcome).inc()
        self._seconds.labels(operation).observe(seconds)

    def count_call(self, service: str, host: str, outcome: str) -> None:
        """Count a call of an endpoint."""
        self._model_calls.labels(service, host, outcome).inc()

    def watch(self, name: str, what: str, read: Reading) -> None:
        """Have a value read whenever metrics are asked for; the same name again replaces it."""
        self._gauges.readings[name] = (what, read)

    def text(self) -> bytes:
        """Give everything in Prometheus' text form."""
        return generate_latest(self._registry)


class _Gauges(Collector):
    """Values read at the moment they are asked for."""

    def __init__(self) -> None:
        self.readings: dict[str, tuple[str, Reading]] = {}

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, (what, read) in sorted(self.readings.items()):
            yield GaugeMetricFamily(name, what, value=read())


@cache
def metrics() -> Metrics:
    """Give the counters all of this process share."""
    return Metrics()
