"""Checks that a message that the answerer decides before Rasa gets the same reply through Rasa.

``python -m benchmarks.equivalence`` starts Rasa and the action server and sends every message both ways: the messages
of the four message files (each turn after the turn before it), of small_talk.yml and of Rasa's examples (data/nlu,
except questions that an entry or an out-of-scope topic answers). With ``--offered``, each message follows an offer of
two entries, as if the message chose an entry or ignored the offer. Leaves out messages with an emergency phrase. Prints
each message whose replies differ, the numbers of messages by outcome, and the mean times. known_differences.yml lists
the known differences with their reasons; exits with 1 if there is any other difference.
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
from bot.core.messages import Candidate, Channel, CitizenMessage
from bot.core.network import ActionsEndpoint
from bot.core.payload import Payload
from bot.core.settings import load_settings
from bot.core.yaml import read_yaml_file
from bot.crisis import emergency
from bot.rasa.training import TrainingPaths, current_model
from bot.run.part import Running
from bot.run.ports import LOOPBACK, free_port
from bot.run.rasa_part import actions_part, rasa_part
from bot.text.masking.masking import masked
from bot.turns.answers import Answers
from bot.turns.outcome import Turn
from bot.turns.rasa_client import QUESTIONS, Asker, Rasa

HERE = Path(__file__).parent
ROOT = HERE.parent
TOKEN = "equivalence-" * 3
FILES = ("dev", "fresh", "held_out", "test")
SURE, IF_QUESTION, LEFT, OTHER = "surely", "as a question", "left to Rasa", "other"
OFFER = Payload(
    "¿Cuál?",
    candidates=(
        Candidate("licencia-renovar", "¿Cómo renuevo mi licencia de conducir?", 0.4),
        Candidate("permiso-circulacion", "¿Cómo pago el permiso de circulación?", 0.3),
    ),
)


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
    talk = read_yaml_file(HERE / "small_talk.yml")
    yield from (Message("small talk", text) for texts in talk.values() for text in texts)
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        if path.stem in {"ask_faq", "ask_atlas"}:
            continue
        for block in read_yaml_file(path)["nlu"]:
            yield from (Message("Rasa's examples", line[2:]) for line in block["examples"].splitlines() if line)


def known_differences(*, offered: bool) -> dict[tuple[str, str], str]:
    """Returns why a message's two replies differ, by the message's text and the text before it ('' if none)."""
    known = read_yaml_file(HERE / "known_differences.yml")["offered" if offered else "alone"]
    return {(one["text"], one.get("before", "")): reason for reason, some in known.items() for one in some}


@dataclass
class BothWays:
    """Answers messages in both ways, each message in a new conversation; the times are sums in seconds.

    ``offered`` is true if each message comes after OFFER.
    """

    rasa: Rasa
    answers: Answers
    offered: bool = False
    asked: int = 0
    compared: int = 0
    rasa_s: float = 0.0
    answers_s: float = 0.0

    async def ask(self, message: Message) -> tuple[str, Turn | None, Turn | None]:
        """Returns how the message is decided (SURE, IF_QUESTION or LEFT), that turn, and the turn through Rasa.

        Both turns are None if only Rasa can answer the message.
        """
        self.asked += 1
        asker = Asker(f"equivalence-{os.getpid()}-{self.asked}", Channel.WEB)
        asker = replace(asker, dialogue=await self._before(asker, message))
        heard = CitizenMessage(asker.conversation, asker.channel, "1", message.text, 0)
        start = time.perf_counter()
        answered = await self.answers.surely(asker, message.text)
        is_question = answered.if_question and await self.rasa.intent(heard) in QUESTIONS
        without = answered.if_question if is_question else answered.turn
        self.answers_s += time.perf_counter() - start
        if without is None:
            return LEFT, None, None
        start = time.perf_counter()
        through = await self.rasa.say(asker, message.text)
        self.compared, self.rasa_s = self.compared + 1, self.rasa_s + time.perf_counter() - start
        return IF_QUESTION if is_question else SURE, without, through

    async def _before(self, asker: Asker, message: Message) -> Dialogue:
        """Returns the dialogue that precedes the message."""
        dialogue, now_ms = Dialogue(), int(time.time() * 1000)
        if message.before:
            before = await self.rasa.say(replace(asker, dialogue=dialogue), message.before)
            dialogue = dialogue.after(before.said, before.known, None, now_ms, masked(message.before))
        return dialogue.after((OFFER,), {}, None, now_ms) if self.offered else dialogue


def first(turn: Turn) -> str:
    return " | ".join(reply.text[:60].replace("\n", " ") for reply in turn.replies) or "(nothing)"


async def compare(ways: BothWays) -> int:
    """Prints each difference, a line per group, and the mean times; returns the number of unknown differences."""
    count: Counter[tuple[str, str]] = Counter()
    known, unknown = known_differences(offered=ways.offered), 0
    for message in messages():
        if emergency.find(message.text) or emergency.find(message.before):
            continue
        way, without, through = await ways.ask(message)
        same = without is None or through is None or without.said == through.said
        count[message.group, way if same else OTHER] += 1
        if without and through and not same:
            reason = known.get((message.text, message.before), "")
            unknown += not reason
            print(f"{message.group}: {message.text!r}, after {message.before!r}: {reason or 'UNKNOWN'}")  # noqa: T201
            print(f"  {way}: {first(without)}\n  through Rasa: {first(through)}")  # noqa: T201
    for group in dict.fromkeys(group for group, _ in count):
        print(group, {way: count[group, way] for way in (SURE, IF_QUESTION, OTHER, LEFT)})  # noqa: T201
    means = ways.answers_s / ways.asked, ways.rasa_s / max(ways.compared, 1)
    print("mean ms: answerer {:.1f}, Rasa {:.1f}".format(*(1000 * mean for mean in means)))  # noqa: T201
    return unknown


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
            ways = BothWays(Rasa(f"http://{LOOPBACK}:{rasa_port}", token=TOKEN), answers, "--offered" in sys.argv)
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
