"""Renders the page that Prometheus scrapes: the metrics that this process counts, and those read from sources.

Sources are read concurrently, each for at most SOURCE_TIMEOUT_S seconds, and the page is cached for KEPT_S seconds. So
neither frequent scrapes nor a hung Redis cost the process much.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    Metric,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily

from bot.core.logs import log
from bot.metrics.measures import REGISTRY
from bot.metrics.process_state import Source

SOURCE_TIMEOUT_S = 2.5
KEPT_S = 3.0


@dataclass(frozen=True)
class _Families:
    """Metric families already read, wrapped as a Prometheus collector."""

    families: Iterable[Metric]

    def collect(self) -> Iterable[Metric]:
        return self.families


class Page:
    """The metrics page of a process; rendering it reads all ``sources``, which are keyed by name."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self._lock = asyncio.Lock()
        self._text, self._made_at = b"", float("-inf")
        self._process = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._process)
        disable_created_metrics()  # type: ignore[no-untyped-call]

    async def text(self) -> bytes:
        """Returns the page in Prometheus's text format, which is at most KEPT_S seconds old."""
        async with self._lock:
            if time.monotonic() - self._made_at > KEPT_S:
                self._text = await self._render()
                self._made_at = time.monotonic()
            return self._text

    async def _render(self) -> bytes:
        answers = await asyncio.gather(*(self._read(name, source) for name, source in self._sources.items()))
        read = GaugeMetricFamily(
            "ventanilla_source_read", "1 if this page has the source's metrics, else 0.", labels=("source",)
        )
        for name, families in zip(self._sources, answers, strict=True):
            read.add_metric((name,), families is not None)
        found = [family for families in answers for family in families or ()]
        return generate_latest(_Families([*REGISTRY.collect(), *self._process.collect(), *found, read]))

    async def _read(self, name: str, source: Source) -> list[Metric] | None:
        """Returns the metrics of a source; None if reading fails or takes too long."""
        try:
            async with asyncio.timeout(SOURCE_TIMEOUT_S):
                return await source()
        except Exception as error:
            log.warning("metrics: source not read", source=name, error=type(error).__name__)
            return None
