"""Provides metric sources for the state of this process: reachable services, tasks, disk and log."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from bot.core.disk import Disk
from bot.core.log_stream import dropped_lines
from bot.core.progress import Progress

Source = Callable[[], Awaitable[list[Metric]]]
Check = Callable[[], Awaitable[bool]]
CHECK_TIMEOUT_S = 2.0


def parts_source(checks: Mapping[str, Check]) -> Source:
    """Returns a source that reports which services answer within CHECK_TIMEOUT_S seconds."""

    async def read() -> list[Metric]:
        up = GaugeMetricFamily("ventanilla_part_up", "1 if the part answers, else 0.", labels=("part",))
        answers = await asyncio.gather(*(_within(check) for check in checks.values()))
        for part, answer in zip(checks, answers, strict=True):
            up.add_metric((part,), answer)
        return [up]

    return read


def tasks_source(progress: Progress) -> Source:
    """Returns a source that reports how long ago each background task made progress."""

    async def read() -> list[Metric]:
        silent = GaugeMetricFamily(
            "ventanilla_task_silent_seconds", "Time since the background task's last iteration.", labels=("task",)
        )
        limit = GaugeMetricFamily(
            "ventanilla_task_limit_seconds", "Silence after which /healthz fails.", labels=("task",)
        )
        for task, (seconds, most) in progress.silences().items():
            silent.add_metric((task,), seconds)
            limit.add_metric((task,), most)
        return [silent, limit]

    return read


def disk_source(disk: Disk) -> Source:
    """Returns a source that reports the free disk space and the activities that it still allows."""

    async def read() -> list[Metric]:
        room = disk.room
        return [
            GaugeMetricFamily(
                "ventanilla_disk_room",
                "What the free disk allows: 3 everything, 2 no files, 1 no search either, 0 no new conversations.",
                value=room,
            ),
            GaugeMetricFamily("ventanilla_disk_free_bytes", "Free disk of the state folder.", value=disk.free_bytes),
            GaugeMetricFamily("ventanilla_disk_floor_bytes", "DISK_FLOOR_MB in bytes.", value=disk.floor_bytes),
        ]

    return read


async def log_source() -> list[Metric]:
    """Returns the number of dropped log lines as a metric."""
    about = "Log lines dropped since the disk was full or hung."
    return [CounterMetricFamily("ventanilla_log_lines_dropped", about, value=dropped_lines())]


async def _within(check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return await check()
    except TimeoutError:
        return False
