"""Schedules the tests, limits their time, and loads the fixtures of tests/shared.py where tests run."""

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
    os.environ.pop(_size, None)  # bot.core.terminal's console would keep that width, whatever a test sets


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Schedules tests by file; used only with ``-n``, as in ``make test``."""
    from tests.scheduling import ByFile

    return ByFile(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Says how many processes ``-n auto`` means."""
    from tests.scheduling import cores, free_mb, processes

    return processes(cores(), free_mb())


def pytest_configure(config: pytest.Config) -> None:
    config.stash[gc_collect_iterations_key] = 1  # five times, each process would spend seconds at its end
    if not _only_distributes(config):
        config.pluginmanager.import_plugin("tests.shared")


def _only_distributes(config: pytest.Config) -> bool:
    """Returns whether this process runs no test; what the fixtures import would take it more than a second."""
    return config.getoption("dist", "no") != "no" and not hasattr(config, "workerinput")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Seeks no garbage among what is collected, which all stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Seeks garbage less often, and never in the tests and the code: seeking takes a tenth of the processor time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Ends hanging fixtures; one may train Rasa or build the encoder where tests.prepare did not run."""
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
