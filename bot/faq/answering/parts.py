"""Finds dangers in the parts of a message, since the classifier may miss a danger that stands beside another matter.

For example: «mi mamá tiene media cara dormida, ¿cómo renuevo el carnet?».
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bot.faq.answering.decision import MOST_PARTS
from bot.faq.answering.follow_up import BREAK
from bot.faq.ranking.classifier import Classifier
from bot.faq.ranking.commands import command_in
from bot.faq.ranking.risk import Danger
from bot.faq.scoring.matrix import FeatureMatrix

ASK_HUMAN = "ask_human"
PART_WORDS = 5  # minimum number of words of a part that may describe a danger beside another matter


def parts_of(text: str) -> list[str]:
    """Returns the parts, among the first MOST_PARTS, with at least PART_WORDS words; [] if there is one part."""
    parts = [part for part in map(str.strip, BREAK.split(text)) if part]
    return [part for part in parts[:MOST_PARTS] if len(part.split()) >= PART_WORDS] if len(parts) > 1 else []


def dangers_of_parts(
    parts: Sequence[Sequence[str]], dangers: Sequence[Danger | None], wants_person: Callable[[int], bool]
) -> Iterator[Danger | None]:
    """Yields, for each message, the danger of the first of its ``parts`` that describes a danger, or None.

    ``dangers`` has an item for each part of each message. Part k describes no danger if ``wants_person(k)``.
    """
    start = 0
    for some in parts:
        places = range(start, start := start + len(some))
        found = ((place, one) for place in places if (one := dangers[place]) and one.possible_in_part)
        yield next((one for place, one in found if not wants_person(place)), None)


def wants_person(part: FeatureMatrix, commands: Classifier) -> bool:
    """Returns whether a part of a message, given as a single row, surely asks for a person."""
    command = command_in(part, commands)
    return command is not None and command.sure and command.name == ASK_HUMAN
