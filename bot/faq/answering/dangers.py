"""Decides which danger a message tells of, from what the classifier finds in the whole and in its parts.

Some words are left out before. Those with which a citizen rejects the assistant («no me sirves, quiero una persona»)
resemble those of somebody who feels useless; only words addressed to the assistant count, at the start of the message.
A short message that names no matter («y hoy?», «la última») says nothing, yet resembles short farewells.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.core.texts import area
from bot.crisis.emergency import kind_for_victims
from bot.faq.answering.decision import despite_command
from bot.faq.answering.judgement import Judgement
from bot.faq.answering.parts import ASK_HUMAN
from bot.faq.answering.phrase_danger import PhraseDangers
from bot.faq.ranking.risk import Danger, possible_danger
from bot.text.normalize import plain

MOST_WORDS = 4  # of a message that names no matter
ORDINAL = re.compile(r"\d{1,2}")  # «la 2»; three digits may be those of an emergency number


@dataclass(frozen=True)
class Dangers:
    """Decides on the dangers of messages; ``judge`` returns the danger and the command of a part of a message."""

    judge: Callable[[str], Judgement]

    def of(self, text: str, judged: Judgement) -> Danger | None:
        """Returns the danger in ``text``, which was ``judged``, or None.

        Judges a possible suicide again without words of rejection. A text without a danger may have one in a part.
        """
        command, danger = judged.command, judged.danger
        rest = without_rejection(text) if command and command.sure and command.name == ASK_HUMAN else ""
        if rest and danger and danger.kind == "suicidio" and not danger.sure:
            danger = self.judge(rest).danger
        danger = None if names_no_matter(text) else danger
        found = despite_command(text, self._phrases.with_doubted(text, danger), judged.sure_command, self.judge)
        if judged.in_part is None or (found and found.possible(despite_answer=False)):
            return found
        return possible_danger(kind_for_victims(judged.in_part.kind, text))

    def sure(self, text: str, judged: Judgement) -> Danger | None:
        """Returns the danger of an emergency phrase in ``text``; None if there is none or the classifier doubts it."""
        return self._phrases.sure(text, judged.danger)

    @property
    def _phrases(self) -> PhraseDangers:
        return PhraseDangers(lambda sentence: self.judge(sentence).danger)


def without_rejection(text: str) -> str:
    """Returns the words after those that reject the assistant; '' if the message does not begin with such words."""
    words = plain(text)
    starts = (one for one in area("faq")["rechaza"] if words.startswith(f"{one} "))
    longest = max(starts, key=len, default="")
    return words.removeprefix(longest).strip() if longest else ""


def names_no_matter(text: str) -> bool:
    """Returns whether ``text`` is short and consists only of words that name nothing, such as «y la última?»."""
    words, known = plain(text).split(), area("faq")["sin_materia"]
    return 0 < len(words) <= MOST_WORDS and all(word in known or ORDINAL.fullmatch(word) for word in words)
