"""Tests that the action server exposes, on a separate port, when it published and the state of its entries."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.core.network import trusted
from bot.faq.ranking.vectorizer import Vectorizer
from bot.rasa.confinement import version
from bot.run.part import Running
from bot.run.ports import LOOPBACK, free_port
from bot.run.rasa_part import actions_part
from tests.eventually import PATIENCE_S, eventually_blocking
from tests.faq_files import QUESTIONS, write_folder
from tests.home import copy_vectors_and_classifiers
from tests.parts import patient


@pytest.fixture(scope="module")
def faq(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("faq"))


@pytest.fixture(scope="module")
def server(
    encoder_folder: Path, space: Vectorizer, faq: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Running, str]]:
    """Starts an action server whose home has the tests' vectors and classifiers; yields it and its metrics' URL."""
    home, port = tmp_path_factory.mktemp("home"), free_port()
    copy_vectors_and_classifiers(home)
    settings = {"FAQ_ENCODER": str(encoder_folder), "FAQ_DIR": str(faq), "ACTIONS_METRICS_PORT": str(port)}
    settings["ACTIONS_TOKEN"] = "t" * 40
    part = actions_part(home, free_port(), {**os.environ, "VENTANILLA_HOME": str(home), **settings})
    running = Running(patient(part))
    running.wait_healthy()
    yield running, f"http://{LOOPBACK}:{port}/metrics"
    running.stop()


@pytest.fixture
def url(server: tuple[Running, str]) -> str:
    return server[1]


def value(url: str, name: str) -> float:
    found = re.search(
        rf"^{re.escape(name)} (\S+)$",
        httpx.get(url, verify=trusted(), timeout=PATIENCE_S).raise_for_status().text,
        re.MULTILINE,
    )
    assert found, name
    return float(found[1])


def test_published_entries_are_counted_with_the_moment(url: str, faq: Path) -> None:
    before = value(url, "ventanilla_faq_published_timestamp_seconds")
    times = value(url, "ventanilla_faq_publish_seconds_count")
    assert value(url, "ventanilla_faq_entries") == len(QUESTIONS)
    (faq / "calle" / "chip.md").unlink()
    eventually_blocking(lambda: value(url, "ventanilla_faq_entries") == len(QUESTIONS) - 1)
    assert before < value(url, "ventanilla_faq_published_timestamp_seconds") <= time.time()
    assert value(url, "ventanilla_faq_publish_seconds_count") == times + 1


@pytest.mark.skipif(version() < 6, reason="this kernel has no Landlock of version 6")
def test_every_thread_is_confined(server: tuple[Running, str]) -> None:
    running, _ = server
    assert '"confined": "files, ports, signals"' in running.part.log.read_text()
    assert "PermissionError" not in running.part.log.read_text()
    threads = [one.read_text() for one in Path(f"/proc/{running.process.pid}/task").glob("*/status")]
    assert [one for one in threads if "NoNewPrivs:\t1" not in one] == []


def test_entry_with_an_error_is_a_problem(url: str, faq: Path) -> None:
    (faq / "calle" / "nada.md").write_text("sin cabecera")
    eventually_blocking(lambda: value(url, 'ventanilla_faq_problems{severity="error"}') == 1)
    assert value(url, 'ventanilla_faq_publish_failures_total{what="folder"}') == 0
