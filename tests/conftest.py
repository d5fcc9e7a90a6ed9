"""Schedules the tests, limits their time, and loads the fixtures of tests/shared.py in processes that run tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from _pytest.unraisableexception import gc_collect_iterations_key
from pytest_timeout import Settings

ROOT = Path(__file__).parent.parent
# Limit of fixtures, in seconds; pyproject's ``timeout`` counts only the test.
FIXTURES_LIMIT_S = 1800
os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)  # no authorities: a client takes 14 ms to read the usual ones
for _size in ("COLUMNS", "LINES"):
    os.environ.pop(_size, None)  # bot.core.terminal's console would keep this width even if a test sets another


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Schedules tests by file; used only with ``-n``, as in ``make test``."""
    from tests.scheduling import ByFile

    return ByFile(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Returns the number of processes that ``-n auto`` means."""
    from tests.scheduling import cores, free_mb, processes

    return processes(cores(), free_mb())


def pytest_configure(config: pytest.Config) -> None:
    config.stash[gc_collect_iterations_key] = 1  # five times, each process would spend seconds at its end
    if not _only_distributes(config):
        config.pluginmanager.import_plugin("tests.shared")


def _only_distributes(config: pytest.Config) -> bool:
    """Returns whether this process only distributes tests; then it need not import the fixtures (over a second)."""
    return config.getoption("dist", "no") != "no" and not hasattr(config, "workerinput")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Disables garbage collection while tests are collected, because the collected tests all stay alive."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts the tests so that the folders of short files (LAST) come last."""
    from tests.scheduling import LAST

    items.sort(key=lambda item: item.nodeid.startswith(LAST))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Makes garbage collection rarer, and spares it the tests and the code: it took a tenth of the processor time."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Limits the time of fixtures; one may train Rasa or build the encoder if tests.prepare did not run."""
    with _limited(item):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    with _limited(item):
        yield


@contextmanager
def _limited(item: pytest.Item) -> Iterator[None]:
    hooks = item.config.pluginmanager.hook
    limit = Settings(FIXTURES_LIMIT_S, "signal", func_only=False, disable_debugger_detection=False)
    hooks.pytest_timeout_set_timer(item=item, settings=limit)
    try:
        yield
    finally:
        hooks.pytest_timeout_cancel_timer(item=item)
