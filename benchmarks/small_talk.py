"""Measures how well Rasa distinguishes questions from chitchat: ``python benchmarks/small_talk.py [MODEL]``.

MODEL is by default the newest model of ``ventanilla train``. Rasa gets the messages of dev_messages.jsonl and
held_out_messages.jsonl, which should reach the answerer if an entry answers the message, and the sentences of
small_talk.yml, which should not. Prints how many reach the answerer, and each question (except *far* ones) that is
classified as chitchat. As in the worker, greetings are removed, and emergencies recognized by their phrases are left
out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.core.settings import load_settings
from bot.core.yaml import read_yaml_file
from bot.crisis import emergency
from bot.rasa.training import QUIET, TrainingPaths, current_model
from bot.turns.greeting import without_greeting
from bot.turns.rasa_client import harmless

HERE = Path(__file__).parent
ASKED = {"ask_faq", "ask_other", "nlu_fallback"}  # intents that lead to the answerer


@dataclass(frozen=True)
class Message:
    """A message; ``group`` is its row in the table, ``intent`` its chitchat intent ('' for a question)."""

    group: str
    text: str
    intent: str = ""


def messages() -> Iterator[Message]:
    """Yields the single-turn messages of dev and held_out, and the sentences of small_talk.yml."""
    for name in ("dev", "held_out"):
        for line in (HERE / f"{name}_messages.jsonl").read_text(encoding="utf-8").splitlines():
            raw = json.loads(line)
            if "text" in raw:
                yield Message(f"{name} {raw['kind']}", raw["text"])
    talk = read_yaml_file(HERE / "small_talk.yml")
    yield from (Message("small talk", text, intent) for intent, texts in talk.items() for text in texts)


def intents(model: Path, asked: Sequence[Message], rasa: Path) -> list[str]:
    """Returns Rasa's intent for each message; raises CalledProcessError if the model cannot be loaded."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "texts.json", Path(folder) / "intents.json"
        source.write_text(json.dumps([harmless(without_greeting(one.text)) for one in asked]), encoding="utf-8")
        command = [str(rasa / "bin" / "python"), str(HERE / "diet_parse.py"), str(model), str(source), str(target)]
        subprocess.run(command, env={**os.environ, **QUIET}, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        return [one["intent"] for one in json.loads(target.read_bytes())]


def outcome(message: Message, intent: str) -> str:
    """Returns ``asked`` if the message reaches the answerer, else a text that says whether Rasa's intent is right."""
    if intent in ASKED or (intent == "emergency" and emergency.guess(message.text) is None):
        return "asked"
    if not message.intent:
        return "taken for small talk"
    return "right" if intent == message.intent else "taken for other small talk"


def main(model: str = "") -> None:
    """Prints a line for each group, and for each question (except *far* ones) that is classified as chitchat."""
    settings = load_settings()
    paths = TrainingPaths(settings.project_root, settings.project_root / ".venv-rasa", settings.home)
    newest = Path(model) if model else current_model(paths)
    if newest is None:
        sys.exit("no model: run `ventanilla train` first")
    asked = [one for one in messages() if emergency.find(one.text) is None]
    results = [
        (one, intent, outcome(one, intent))
        for one, intent in zip(asked, intents(newest, asked, paths.rasa), strict=True)
    ]
    for group in dict.fromkeys(one.group for one in asked):
        counts = Counter(result for one, _, result in results if one.group == group)
        print(f"{group:16}{sum(counts.values()):5}  {dict(counts)}")  # noqa: T201
    for one, intent, result in results:
        if result == "taken for small talk" and not one.group.endswith(" far"):
            print(f"{one.group}: {intent}: {one.text}")  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:2])
