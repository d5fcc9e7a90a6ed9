"""Finds the two entries that answer a message with two questions, or the entry to offer beside the only answer."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

from bot.core.messages import Candidate
from bot.faq.answering.follow_up import in_two, own_stems
from bot.faq.answering.judgement import Judgement
from bot.faq.ranking.coefficients import tuned
from bot.faq.words.keywords import Keywords
from bot.text.complaint import matter_of_complaint


@dataclass(frozen=True)
class TwoQuestions:
    """A search for two questions; ``judge`` ranks a text, and ``threshold`` is the least probability for an answer."""

    keywords: Keywords
    judge: Callable[[str], Judgement]
    threshold: float

    def of(self, text: str, judged: Judgement) -> tuple[Candidate, Candidate] | None:
        """Returns the two entries that a message asks for; None unless the message clearly asks two questions."""
        likely_ids, numbers = tuple(one.entry for one in judged.candidates), tuned().answerer
        if len(text.split()) < numbers.minimum_words_for_two or len(likely_ids) == 1:
            return None
        if judged.best.confidence < numbers.hardly_any:
            return None
        cuts = in_two(text, certain=judged.candidates[1].confidence >= numbers.second_likely)
        return next(
            filter(None, (self._each(cut, likely_ids) for cut in cuts if self._name_two(cut, likely_ids))), None
        )

    def beside(self, text: str, answered: str, least: float) -> Candidate | None:
        """Returns the entry for which a part of the message asks beside the entry ``answered``; None if there is none.

        The likeliest entry of the other part must be ``answered``, and that of this part have at least ``least``. Parts
        are ranked only if their words name different entries, ``answered`` among them; this part comes first.
        """
        if len(text.split()) < tuned().answerer.minimum_words_for_two:
            return None
        for cut in in_two(text, certain=True):
            named = {self.keywords.most_named(own_stems(part)): part for part in cut}
            if len(named) < len(cut) or None in named or answered not in named:
                continue
            [part] = [part for name, part in named.items() if name != answered]
            best = self.judge(matter_of_complaint(part) or part).best
            if best.entry == answered or best.confidence < least:
                continue
            other = named[answered]
            if self.judge(matter_of_complaint(other) or other).best.entry == answered:
                return best
        return None

    def _name_two(self, cut: tuple[str, str], ids: Sequence[str]) -> bool:
        """Returns whether the two parts name different entries, one of which is the likeliest for the whole message.

        This check is cheap and avoids ranking the parts of most cuts.
        """
        named = {self.keywords.most_named(own_stems(part), ids) for part in cut}
        return len(named) == len(cut) and None not in named and ids[0] in named

    def _each(self, cut: tuple[str, str], ids: Container[str]) -> tuple[Candidate, Candidate] | None:
        """Returns the best entry of each part; None unless both are likely, different and among ``ids``.

        The shorter part is ranked first: this is faster, and if the part fails, the longer part need not be ranked. A
        complaint is ranked by its matter.
        """
        best: dict[str, Candidate] = {}
        confidence = 1.0
        for part in sorted(cut, key=len):
            best[part] = self.judge(matter_of_complaint(part) or part).best
            confidence *= best[part].confidence
            if confidence < self.threshold or best[part].entry not in ids:
                return None
        first, second = (best[part] for part in cut)
        return (first, second) if first.entry != second.entry else None
