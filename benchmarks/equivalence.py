"""Checks that a message which is answered without Rasa gets the same answer through Rasa.

``python -m benchmarks.equivalence`` starts Rasa and the action server and sends every message both ways: those of the
four message files (each turn after the one before it), of small_talk.yml and of Rasa's examples (data/nlu). Leaves out
messages with an emergency phrase. Prints each message that is answered differently through Rasa, the numbers of
messages by outcome, and the mean times; exits with 1 if there is a difference.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bot.conversation.dialogue import Dialogue
from bot.core.messages import Channel
from bot.core.network import ActionsEndpoint
from bot.core.settings import load_settings
from bot.core.yaml import read_yaml
from bot.crisis import emergency
from bot.rasa.training import TrainingPaths, current_model
from bot.run.part import Running
from bot.run.ports import LOOPBACK, free_port
from bot.run.rasa_part import actions_part, rasa_part
from bot.text.masking.masking import masked
from bot.turns.answers import Answers
from bot.turns.outcome import Turn
from bot.turns.rasa_client import Asker, Rasa

HERE = Path(__file__).parent
ROOT = HERE.parent
TOKEN = "equivalence-" * 3
FILES = ("dev", "fresh", "held_out", "test")


@dataclass(frozen=True)
class Message:
    """A message; ``before`` is the citizen's previous message, '' if there is none."""

    group: str
    text: str
    before: str = ""


def messages() -> Iterator[Message]:
    for name in FILES:
        for line in (HERE / f"{name}_messages.jsonl").read_text(encoding="utf-8").splitlines():
            raw = json.loads(line)
            turns = raw["turns"] if "turns" in raw else [raw.get("text") or "\n".join(raw["parts"])]
            for before, text in zip(["", *turns], turns, strict=False):
                yield Message(name, text, before)
    talk = read_yaml((HERE / "small_talk.yml").read_text(encoding="utf-8"))
    yield from (Message("small talk", text) for texts in talk.values() for text in texts)
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        if path.stem in {"ask_faq", "ask_atlas"}:
            continue
        for block in read_yaml(path.read_text(encoding="utf-8"))["nlu"]:
            yield from (Message("Rasa's examples", line[2:]) for line in block["examples"].splitlines() if line)


@dataclass
class BothWays:
    """The two ways to answer a message; each message has a conversation of its own. Times are sums in seconds."""

    rasa: Rasa
    answers: Answers
    asked: int = 0
    rasa_s: float = 0.0
    answers_s: float = 0.0

    async def ask(self, message: Message) -> tuple[Turn | None, Turn]:
        """Returns the turn without Rasa (None if only Rasa can answer the message), and the turn through Rasa."""
        self.asked += 1
        asker = Asker(f"equivalence-{os.getpid()}-{self.asked}", Channel.WEB)
        dialogue = Dialogue()
        if message.before:
            before = await self.rasa.say(replace(asker, dialogue=dialogue), message.before)
            words, now_ms = masked(message.before), int(time.time() * 1000)
            dialogue = dialogue.after(before.said, before.known, None, now_ms, words)
        asker = replace(asker, dialogue=dialogue)
        start = time.perf_counter()
        answered = await self.answers.surely(asker, message.text)
        asked = time.perf_counter()
        command = answered.command
        through = await (self.rasa.press(asker, f"/{command}") if command else self.rasa.say(asker, message.text))
        self.answers_s += asked - start
        self.rasa_s += time.perf_counter() - asked
        return answered.turn, through


def first(turn: Turn) -> str:
    return " | ".join(reply.text[:60].replace("\n", " ") for reply in turn.replies) or "(nothing)"


async def compare(ways: BothWays) -> int:
    """Prints the differences, a line per group, and the mean times; returns the number of differences."""
    count: Counter[tuple[str, str]] = Counter()
    differences = 0
    for message in messages():
        if emergency.find(message.text) or emergency.find(message.before):
            continue
        without, through = await ways.ask(message)
        outcome = "left to Rasa" if without is None else "same" if without.said == through.said else "other"
        count[message.group, outcome] += 1
        if without and outcome == "other":
            differences += 1
            print(  # noqa: T201
                f"{message.group}: {message.text!r}\n  without Rasa: {first(without)}\n  through Rasa: {first(through)}"
            )
    for group in dict.fromkeys(group for group, _ in count):
        print(group, {outcome: count[group, outcome] for outcome in ("same", "other", "left to Rasa")})  # noqa: T201
    print(f"mean ms: answerer {ways.answers_s / ways.asked * 1000:.1f}, Rasa {ways.rasa_s / ways.asked * 1000:.1f}")  # noqa: T201
    return differences


async def main() -> int:
    settings = load_settings()
    model = current_model(TrainingPaths(settings.project_root, settings.project_root / ".venv-rasa", settings.home))
    if model is None:
        sys.exit("no model: run `ventanilla train` first")
    rasa_port, actions_port = free_port(), free_port()
    actions_url = f"http://{LOOPBACK}:{actions_port}"
    env = {**os.environ, "RASA_TOKEN": TOKEN, "ACTIONS_TOKEN": TOKEN, "ACTIONS_URL": actions_url}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        endpoints = home / "endpoints.yml"
        endpoints.write_text((ROOT / "endpoints.yml").read_text(encoding="utf-8").split("\n\n")[0])
        rasa = rasa_part(ROOT, home, model=model, port=rasa_port, env=env)
        command = [str(endpoints) if word.endswith("endpoints.yml") else word for word in rasa.command]
        running = []
        try:
            for part in (actions_part(home, actions_port, env), replace(rasa, command=command)):
                running.append(Running(part))
            for one in running:
                one.wait_healthy()
            answers = Answers(ActionsEndpoint(actions_url, TOKEN))
            ways = BothWays(Rasa(f"http://{LOOPBACK}:{rasa_port}", token=TOKEN), answers)
            try:
                return await compare(ways)
            finally:
                await ways.rasa.close()
                await ways.answers.close()
        finally:
            for one in running:
                one.stop()


if __name__ == "__main__":
    sys.exit(min(1, asyncio.run(main())))
