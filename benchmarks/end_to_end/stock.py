"""Trains and runs the assistant that ``rasa init`` writes, with an intent, a response and a rule for each entry.

An intent has six utterances of the entry, its response is the entry's answer; one more rule replies to messages that
were not understood. Everything else is Rasa's default: pipeline, policies, trackers in memory, REST channel. Models are
kept, so equal inputs are trained once.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from benchmarks.diet import run_rasa, training_data
from benchmarks.end_to_end.questions import Conversation
from bot.core.settings import ROOT
from bot.core.yaml import read_yaml_file
from bot.faq.entries.entry import Entry
from bot.run.part import Part, Running
from bot.run.ports import LOOPBACK, free_port
from bot.run.rasa_part import QUIET, answers

UTTERANCES = 6
RASA = ROOT / ".venv-stock"
TEMPLATE = "lib/python3.10/site-packages/rasa/cli/initial_project"
FALLBACK = Path(__file__).with_name("stock_fallback.yml")
NAME = "stock-"
START_TIMEOUT_S, ANSWER_TIMEOUT_S = 300.0, 120.0


@dataclass
class Stock:
    """A running stock Rasa.

    Of the ``asked`` questions, ``silent`` got no reply and ``rephrase`` were not understood.
    """

    url: str
    pid: int
    start_s: float
    fallback: str
    asked: int = 0
    silent: int = 0
    rephrase: int = 0

    @property
    def pids(self) -> dict[str, int]:
        return {"stock Rasa": self.pid}

    async def converse(self, questions: Conversation) -> list[float]:
        """Asks the questions one after the other as a new sender and returns the seconds until each answer.

        Raises HTTPError if a request fails.
        """
        times, sender = [], str(uuid.uuid4())
        async with httpx.AsyncClient(base_url=self.url, timeout=ANSWER_TIMEOUT_S) as client:
            for question in questions:
                begun = time.perf_counter()
                answer = await client.post("/webhooks/rest/webhook", json={"sender": sender, "message": question})
                replies = answer.raise_for_status().json()
                times.append(time.perf_counter() - begun)
                self.asked += 1
                self.silent += not replies
                self.rephrase += [one.get("text") for one in replies] == [self.fallback]
        return times


def trained(entries: Sequence[Entry], folder: Path) -> Path:
    """Returns the path of the model in ``folder``; trains it first if there is none with equal data and configuration.

    Training takes several minutes. Raises CalledProcessError if it fails.
    """
    project = folder / "stock"
    shutil.copytree(RASA / TEMPLATE, project, dirs_exist_ok=True)
    fallback = _fallback()
    (project / "data" / "faq.yml").write_text(training_data(entries, UTTERANCES), encoding="utf-8")
    rules = [*map(_rule, entries), fallback["rule"]]
    _write(project / "data" / "faq_rules.yml", {"version": "3.1", "rules": rules})
    _write(project / "domain.yml", _domain(project / "domain.yml", entries, fallback["response"]))
    name = NAME + _fingerprint(project)
    model = folder / f"{name}.tar.gz"
    if not model.exists():
        sys.stderr.write("training stock Rasa\n")
        inputs = ["--config", "config.yml", "--domain", "domain.yml", "--data", "data"]
        outputs = ["--out", str(folder), "--fixed-model-name", name]
        run_rasa([str(RASA / "bin" / "rasa"), "train", *inputs, *outputs], project)
    return model


@contextmanager
def running(model: Path, folder: Path) -> Iterator[Stock]:
    """Runs the model on a free port until the block ends; logs to ``folder``."""
    port = free_port()
    # Otherwise Rasa would read these files from the current folder.
    files = {"--credentials": "rest:\n", "--endpoints": "{}\n"}
    for option, text in files.items():
        (folder / f"stock{option}.yml").write_text(text, encoding="utf-8")
    part = Part(
        name="stock",
        command=[
            *(str(RASA / "bin" / "rasa"), "run", "--model", str(model), "--interface", LOOPBACK, "--port", str(port)),
            *(word for option in files for word in (option, str(folder / f"stock{option}.yml"))),
        ],
        log=folder / "stock.log",
        healthy=lambda: answers(f"http://{LOOPBACK}:{port}/"),
        env={**os.environ, **QUIET},
        patience_s=START_TIMEOUT_S,
    )
    rasa = Running(part)
    try:
        rasa.wait_healthy()
        yield Stock(f"http://{LOOPBACK}:{port}", rasa.process.pid, time.monotonic() - rasa.started_at, _fallback_text())
    finally:
        rasa.stop()


def _fallback() -> dict[str, Any]:
    found: dict[str, Any] = read_yaml_file(FALLBACK)
    return found


def _fallback_text() -> str:
    ((response,),) = _fallback()["response"].values()
    return str(response["text"])


def _rule(entry: Entry) -> dict[str, Any]:
    return {"rule": entry.id, "steps": [{"intent": entry.id}, {"action": f"utter_{entry.id}"}]}


def _domain(template: Path, entries: Sequence[Entry], responses: Mapping[str, Any]) -> dict[str, Any]:
    domain: dict[str, Any] = read_yaml_file(template)
    domain["intents"] += [entry.id for entry in entries]
    domain["responses"] |= responses | {f"utter_{entry.id}": [{"text": entry.body}] for entry in entries}
    return domain


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _fingerprint(project: Path) -> str:
    files = sorted(path for path in project.rglob("*.yml") if "tests" not in path.parts)
    texts = [path.read_bytes() for path in (*files, ROOT / "requirements" / "rasa.txt")]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:12]
