"""Chooses the questions for both assistants, grouped into the same conversations."""

from __future__ import annotations

import random
from collections.abc import Sequence

from benchmarks.material import SETS
from bot.core.settings import ROOT
from bot.evaluation.queries import load
from bot.faq.entries.entry import Entry
from bot.turns.message_batch import is_whole

QUESTIONS = 288
IN_A_CONVERSATION = 9  # makes 32 conversations, one for each citizen of the highest level
SEED = 1

Conversation = tuple[str, ...]


def conversations(entries: Sequence[Entry], count: int = QUESTIONS) -> list[Conversation]:
    """Draws ``count`` held-out messages that the FAQ answers, always the same ones, and groups them in conversations.

    A conversation has IN_A_CONVERSATION messages. Each message has a single turn and looks complete, because the
    assistant waits on purpose after a fragment.
    """
    read = load(ROOT / "benchmarks" / SETS["held out"], {entry.id for entry in entries})
    whole = [one.text for one in read.queries if one.wanted and not one.also and _is_single(one.turns)]
    chosen = random.Random(SEED).sample(whole, count)  # noqa: S311
    return [tuple(chosen[place : place + IN_A_CONVERSATION]) for place in range(0, count, IN_A_CONVERSATION)]


def _is_single(turns: Sequence[str]) -> bool:
    return len(turns) == 1 and "\n" not in turns[0] and is_whole(turns[0])
