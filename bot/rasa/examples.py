"""Writes Rasa's training examples from the FAQ's utterances, the lexicon and the out-of-scope topics.

Text from an editor never becomes YAML, Rasa entity syntax or a command. Rasa only has to distinguish questions from
small talk, so a sample of each entry and topic is enough: training takes half as long, and Rasa does not mistake more
questions for small talk (benchmarks/small_talk.py).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from pathlib import Path

from bot.core.yaml import read_yaml_file
from bot.crisis.emergency import find
from bot.faq.entries.entry import Entry
from bot.faq.ranking.background import load_background
from bot.faq.words.lexicon_sheet import read_sheets

ASK_FAQ = Path("data/nlu/ask_faq.yml")
ASK_ATLAS = Path("data/nlu/ask_atlas.yml")
HEADER = '# Written at training; do not edit.\nversion: "3.1"\nnlu:\n  - intent: {intent}\n    examples: |\n'
MAX_OF_ENTRY = 20  # maximum number of variants per entry that become examples, besides the question
MAX_OF_OUT_OF_SCOPE_TOPIC = 2  # maximum number of utterances per out-of-scope topic
MAX_NAME = 3  # a name of the lexicon becomes an example if it has at most this many words
# Questions about a name of the lexicon. Without them «como pido el suf» looks like «cómo hago un queque».
ASKINGS = (
    "{}",
    "qué es el {}",
    "qué es la {}",
    "cómo pido el {}",
    "cómo pido la {}",
    "cómo saco {}",
    "cuándo pagan {}",
    "dónde queda {}",
)
# Topics of data/atlas that the intents for small talk, complaint or emergency cover; they are not used as questions.
NOT_QUESTIONS = {
    "clima-pronostico",
    "loteria-resultados",
    "noticias-deportes",
    "oirs-reclamo-municipal",
    "presidencia-cartas-visitas",
    "sobre-el-asistente",
    "urgencia-hospital",
    "valor-uf-dolar",
}
FORBIDDEN = re.compile(r"[\[\]{}<>|\\`\x00-\x1f\x7f-\x9f\ufeff\u200b-\u200f\u2028-\u202f\u2060-\u206f\ud800-\udfff]")
LEADING = " -/#*!&%@,.;:"


def questions_of(entries: Iterable[Entry]) -> list[str]:
    """Returns the question and a sample of the variants of each entry, as training examples for Rasa."""
    return [text for entry in entries for text in (entry.question, *sample(entry.variants, MAX_OF_ENTRY))]


def sample(utterances: Sequence[str], most: int) -> list[str]:
    """Selects at most ``most`` utterances, by their hash, so that a new utterance replaces at most one of them."""
    return sorted(utterances, key=lambda utterance: hashlib.sha256(utterance.encode("utf-8", "replace")).digest())[
        :most
    ]


def write_questions(root: Path, utterances: Iterable[str]) -> None:
    """Writes the examples of the intents ask_faq (``utterances`` and data/lexicon) and ask_other (data/atlas).

    The output is deterministic. Examples of small talk are omitted, since Rasa rejects a sentence that has two intents.
    """
    taken = _small_talk(root / ASK_FAQ.parent)
    questions, others = [*utterances, *_names(root / "data")], _out_of_scope_topics(root / "data")
    for path, intent, all_of_it in ((ASK_FAQ, "ask_faq", questions), (ASK_ATLAS, "ask_other", others)):
        write_examples(root / path, intent, (one for one in all_of_it if as_example(one).casefold() not in taken))


def _small_talk(folder: Path) -> set[str]:
    files = (path for path in folder.glob("*.yml") if path.name not in {ASK_FAQ.name, ASK_ATLAS.name})
    blocks = (block for path in files for block in (read_yaml_file(path) or {}).get("nlu", []))
    return {line.removeprefix("- ").strip().casefold() for block in blocks for line in block["examples"].splitlines()}


def write_examples(path: Path, intent: str, utterances: Iterable[str]) -> None:
    """Writes a training file for one intent; deletes the file if there are no examples. Raises OSError."""
    examples = sorted({example for utterance in utterances if (example := as_example(utterance))})
    path.unlink(missing_ok=True)
    if not examples:
        return
    lines = "".join(f"      - {example}\n" for example in examples)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER.format(intent=intent) + lines, encoding="utf-8")


def as_example(text: str) -> str:
    """Returns ``text`` as one line, without Rasa entity syntax, YAML markers or a leading command."""
    return " ".join(FORBIDDEN.sub(" ", text).split()).strip().lstrip(LEADING)


def _out_of_scope_topics(data: Path) -> Iterable[str]:
    out_of_scope_topics = (
        out_of_scope_topic
        for out_of_scope_topic in load_background(data).out_of_scope_topics
        if out_of_scope_topic.name not in NOT_QUESTIONS
    )
    return chain.from_iterable(_harmless_sample(one.utterances) for one in out_of_scope_topics)


def _harmless_sample(utterances: Sequence[str]) -> Iterable[str]:
    """Returns a sample of the utterances that are no emergency; looks for one only until the sample is complete."""
    harmless = (one for one in sample(utterances, len(utterances)) if find(one) is None)
    return islice(harmless, MAX_OF_OUT_OF_SCOPE_TOPIC)


def _names(data: Path) -> Iterable[str]:
    """Returns a question about each short name of the lexicon; the same name always gets the same question."""
    names = sorted({name for name in read_sheets(data).names if len(name.split()) <= MAX_NAME})
    return (ASKINGS[hashlib.sha256(name.encode()).digest()[0] % len(ASKINGS)].format(name) for name in names)
