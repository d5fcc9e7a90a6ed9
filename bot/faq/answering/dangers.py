"""Decides which danger a message describes, from what the classifier finds in the whole message and in its parts.

Some texts resemble dangers to the classifier, but are not. Words with which a citizen rejects the assistant («no me
sirves, quiero una persona») resemble those of somebody who feels useless; they are left out if they are addressed to
the assistant, at the start of the message. A short message that names no matter («y hoy?», «la última») resembles a
farewell, and so does a follow-up about a step that is skipped («¿y si no voy?») or a change of mind («no, mejor no»),
and one that only names somebody («mi hija») resembles a cry: none of them is a danger. Harm that is denied or only
feared is at most a possible danger.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from bot.core.texts import area
from bot.crisis.emergency import EVER_PRESENT, find, kind_for_victims, tells_no_harm
from bot.crisis.overheard import BY_SOMEBODY, is_among_people, without_listeners
from bot.faq.answering.asked_section import asks_only_cost, asks_only_sections
from bot.faq.answering.decision import despite_command
from bot.faq.answering.follow_up import last_question, only_skips_a_step
from bot.faq.answering.judgement import Judgement
from bot.faq.answering.parts import ASK_HUMAN
from bot.faq.answering.phrase_danger import PhraseDangers
from bot.faq.ranking.risk import Danger, possible_danger
from bot.text.normalize import plain
from bot.text.phrases import Phrases

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
        danger, in_part = in_earnest(text, danger), judged.in_part
        if is_among_people(text):  # «no puedo hablar, me escuchan mis compañeros» resembles a victim overheard at home
            rest = without_listeners(text)
            danger = (self.judge(rest).danger if rest else None) if _may_be_of_somebody(danger) else danger
            in_part = None if _may_be_of_somebody(in_part) else in_part
        danger = self._of_last_question(text, danger)
        found = despite_command(text, self._phrases.with_doubted(text, danger), judged.sure_command, self.judge)
        # An entry's answer would hide a weaker danger, but never that of the part («¿a qué hora atienden? me dice que
        # si lo dejo me mata»).
        if in_part is None or (found and found.possible(despite_answer=True)):
            return found
        return possible_danger(kind_for_victims(in_part.kind, text))

    def sure(self, text: str, judged: Judgement) -> Danger | None:
        """Returns the danger of an emergency phrase in ``text``; None if there is none or the classifier doubts it."""
        return self._phrases.sure(text, judged.danger)

    def _of_last_question(self, text: str, danger: Danger | None) -> Danger | None:
        """Returns ``danger``, unless it is a suicide found only because of words such as «una última cosa».

        In that case it returns a possible danger, or None if the question after those words only asks for a section of
        an entry. The danger stays sure if the question itself may be about suicide: «una última cosa, ¿quién cuida a mi
        perro?».
        """
        asked = last_question(text)
        if not asked or danger is None or danger.kind not in EVER_PRESENT:
            return danger
        if asks_only_sections(asked, ""):
            return None
        if not danger.sure or not _in_earnest_words().isdisjoint(asked.split()):
            return danger
        own = self.judge(asked).danger
        is_own = own and own.kind in EVER_PRESENT and own.possible(despite_answer=False)
        return danger if is_own else possible_danger(danger.kind)

    @property
    def _phrases(self) -> PhraseDangers:
        return PhraseDangers(lambda sentence: self.judge(sentence).danger)


def _in_earnest_words() -> frozenset[str]:
    """Returns the words that show that the writer of a last question may be taking leave of life."""
    return frozenset(area("faq")["ultima_pregunta"]["en_serio"])


def _may_be_of_somebody(danger: Danger | None) -> bool:
    return danger is not None and danger.kind in BY_SOMEBODY and not danger.sure


def in_earnest(text: str, danger: Danger | None) -> Danger | None:
    """Returns ``danger``, which the classifier found in ``text``, as only possible if the text denies or fears harm.

    Returns None for a text that names no matter or only skips a step, for a possible danger in a text that only names
    somebody, and for a possible suicide in a mere question for a cost or change of mind.
    """
    if danger is None or names_no_matter(text) or only_skips_a_step(text, even_tells=True):
        return None
    if not danger.sure and (only_names_relative(text) or (danger.kind in EVER_PRESENT and _asks_or_regrets(text))):
        return None
    denied = danger.sure and tells_no_harm(danger.kind, text) and find(text) in (None, danger.kind)
    return possible_danger(danger.kind) if denied else danger


def _asks_or_regrets(text: str) -> bool:
    return asks_only_cost(text) or changes_mind(text)


def changes_mind(text: str) -> bool:
    """Returns whether ``text`` only says that its writer no longer wants what they were asking: «no, mejor no»."""
    phrases, words = area("faq")["se_arrepiente"], plain(text)
    return _regrets().are_all_of(words) and any(f" {one} " in f" {words} " for one in map(plain, phrases["frases"]))


@cache
def _regrets() -> Phrases:
    phrases = area("faq")["se_arrepiente"]
    return Phrases([*phrases["frases"], *phrases["relleno"]])


def only_names_relative(text: str) -> bool:
    """Returns whether ``text`` is short and only names one of the family, of whom it tells nothing yet: «mi hija»."""
    known = area("faq")["de_quien"]
    *before, last = [word for word in plain(text).split() if word not in known["despues"]] or [""]
    return len(before) < MOST_WORDS and last in map(plain, known["quien"]) and set(before) <= set(known["antes"])


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
