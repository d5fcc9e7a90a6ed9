"""Runs Rasa with the scripted FAQ, sends messages to it as the worker does, and reads its tracker."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bot.agency.model import load_agency
from bot.conversation.dialogue import Dialogue
from bot.core.messages import Channel
from bot.core.network import ActionsEndpoint, trusted
from bot.faq.entries.folder import load_folder
from bot.rasa.examples import questions_of
from bot.rasa.training import Progress, TrainingPaths, train
from bot.run.part import Part, Running
from bot.run.ports import LOOPBACK, free_port
from bot.run.rasa_part import answers, rasa_part
from bot.text.masking.masking import masked
from bot.turns.outcome import Turn
from bot.turns.rasa_client import QUESTIONS, Asker, Rasa
from tests.eventually import PATIENCE_S
from tests.home import HOME
from tests.parts import patient

ROOT = Path(__file__).resolve().parents[2]
RASA = ROOT / ".venv-rasa"
TOKEN = "stories-" * 5
NO_ACTIONS = ActionsEndpoint("")


@dataclass(frozen=True)
class SpeakingRasa:
    """A running Rasa with the process id ``pid`` and the action server ``actions``; ``logs`` are the log files of both.

    ``say`` sends a text, or a payload if it begins with a slash, together with the dialogue that the bot would store.
    """

    url: str
    logs: tuple[Path, ...] = ()
    pid: int = 0
    actions: ActionsEndpoint = NO_ACTIONS
    dialogues: dict[str, Dialogue] = field(default_factory=dict)

    async def say(self, conversation: str, words: str, channel: Channel = Channel.WEB) -> Turn:
        dialogue = self.dialogues.get(conversation, Dialogue())
        turn = await self.say_alone(conversation, words, channel, dialogue)
        said = "" if words.startswith("/") else masked(words)
        self.dialogues[conversation] = dialogue.after(turn.said, turn.known, None, int(time.time() * 1000), said)
        return turn

    async def say_alone(
        self, conversation: str, words: str, channel: Channel = Channel.WEB, dialogue: Dialogue | None = None
    ) -> Turn:
        """Sends a message; without a ``dialogue`` Rasa's tracker is the only memory, as in ``rasa shell``."""
        rasa = Rasa(self.url, token=TOKEN)
        try:
            speak = rasa.press if words.startswith("/") else rasa.say
            return await speak(Asker(conversation, channel, dialogue=dialogue), words)
        finally:
            await rasa.close()

    def done(self, conversation: str) -> list[str]:
        """Returns the intents and executed actions in order; all intents of questions have the name "question"."""
        steps = (_step(event) for event in self.events(conversation))
        return [step for step in steps if step not in {"", "action_listen", "action_session_start"}]

    def said(self, conversation: str) -> list[dict[str, Any] | None]:
        """Returns the custom messages in Rasa's tracker, oldest first."""
        return [event["data"]["custom"] for event in self.events(conversation) if event["event"] == "bot"]

    def events(self, conversation: str) -> list[dict[str, Any]]:
        """Returns the events of the tracker's current session, in the format of Rasa's API, oldest first."""
        path = f"{self.url}/conversations/{conversation}/tracker"
        events: list[dict[str, Any]] = (
            httpx.get(path, verify=trusted(), params={"token": TOKEN}, timeout=PATIENCE_S)
            .raise_for_status()
            .json()["events"]
        )
        return events


def same_question(intent: str) -> str:
    """Returns one name for all intents of questions, because the FAQ decides which of them an utterance gets."""
    return "question" if intent in QUESTIONS else intent


def _step(event: dict[str, Any]) -> str:
    if event["event"] == "user":
        return same_question(event["parse_data"]["intent"]["name"])
    return str(event["name"]) if event["event"] == "action" else ""


@contextmanager
def speaking(folder: Path) -> Iterator[SpeakingRasa]:
    """Trains the model if it is missing, then runs Rasa and the action server until the block ends."""
    project = copied_project(folder)
    rasa_port, actions_port = free_port(), free_port()
    env = {**os.environ, "RASA_TOKEN": TOKEN, "ACTIONS_URL": f"http://{LOOPBACK}:{actions_port}"}
    env["ACTIONS_TOKEN"] = TOKEN
    model = trained(project)
    parts = (
        _actions(folder, actions_port, env),
        rasa_part(project, folder, model=model, port=rasa_port, env=env),
    )
    running: list[Running] = []
    try:
        running.extend(Running(patient(part)) for part in parts)
        for one in running:
            one.wait_healthy()
        actions = ActionsEndpoint(env["ACTIONS_URL"], TOKEN)
        logs, pid = tuple(part.log for part in parts), running[-1].process.pid
        yield SpeakingRasa(f"http://{LOOPBACK}:{rasa_port}", logs, pid, actions)
    finally:
        for one in running:
            one.stop()


def copied_project(folder: Path) -> Path:
    """Copies Rasa's input files into ``folder``, so that another training run is not disturbed; returns the copy."""
    project = folder / "project"
    project.mkdir()
    for name in ("domain.yml", "config.yml", "credentials.yml"):
        shutil.copy(ROOT / name, project)
    for name in ("nlu", "rules", "atlas", "lexicon"):
        shutil.copytree(ROOT / "data" / name, project / "data" / name)
    shutil.copytree(ROOT / "requirements", project / "requirements")
    endpoint, _trackers = (ROOT / "endpoints.yml").read_text(encoding="utf-8").split("\n\n")  # trackers stay in memory
    (project / "endpoints.yml").write_text(endpoint)
    (project / ".venv-rasa").symlink_to(RASA)
    return project


def trained(project: Path, progress: Progress = lambda _share, _step: None) -> Path:
    """Trains the model with the demo's questions, unless the tests' home folder contains the model already.

    Returns the model's path.
    """
    entries = load_folder(ROOT / "data" / "faq", load_agency(ROOT / "agency.yml").teams).entries
    questions = questions_of(entries)
    paths = TrainingPaths(root=project, rasa=RASA, home=HOME)
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "stories.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return asyncio.run(train(paths, questions, progress))


def _actions(folder: Path, port: int, env: dict[str, str]) -> Part:
    path = os.pathsep.join([str(ROOT), env.get("PYTHONPATH", "")])
    return Part(
        name="actions",
        command=[sys.executable, "-m", "tests.rasa.scripted_faq"],
        log=folder / "actions.log",
        healthy=lambda: answers(f"http://{LOOPBACK}:{port}/health"),
        env={**env, "ACTIONS_PORT": str(port), "PYTHONPATH": path},
    )
