"""Corrects probabilities by words: for messages that repeat an utterance, and for what an entry presupposes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from bot.faq.entries.entry import Entry
from bot.faq.ranking.coefficients import tuned
from bot.faq.words.wording import most_if_lacking
from bot.text.normalize import plain, plain_all


class ExactUtterances:
    """The utterances and counterexamples of all entries; accents, case and punctuation make no difference.

    An utterance of several entries belongs to none of them, unless all the others have expired.
    """

    def __init__(self, entries: Sequence[Entry], today: Callable[[], date]) -> None:
        self._today, self._owners = today, defaultdict[str, list[Entry]](list)
        for entry in entries:
            for utterance in plain_all(entry.utterances):
                self._owners[utterance].append(entry)
        self._questions = {entry.id: entry.question for entry in entries}
        self._denied = {(text, entry.id) for entry in entries for text in plain_all(entry.counterexamples)}

    def __contains__(self, text: str) -> bool:
        """Returns whether ``text`` is an utterance of one entry alone."""
        return bool(self._owner(plain(text)))

    def denies(self, text: str, id: str) -> bool:
        """Returns whether ``text`` is a counterexample of the entry ``id``."""
        return (plain(text), id) in self._denied

    def ranked(self, text: str, found: Mapping[str, float]) -> list[tuple[str, float]]:
        """Returns the ids of entries with the probabilities that they answer ``text``, best first.

        ``found`` maps ids to the probabilities by meaning. If ``text`` is an utterance of one entry, that entry's
        probability is at least ``exact``; if it is a counterexample, the probability is 0. That of an entry for those
        who have what ``text`` says not to have yet is limited (``most_if_lacking``).
        """
        said, exact = plain(text), tuned().answerer.exact
        chances = {id: min(chance, self._most(said, id)) for id, chance in found.items()}
        if id := self._owner(said):
            chances[id] = max(chances.get(id, 0.0), exact)
        return sorted(chances.items(), key=lambda pair: -pair[1])

    def _owner(self, said: str) -> str:
        """Returns the id of the only entry with the utterance ``said``, among those not expired if any; else ''."""
        owners, today = self._owners.get(said, ()), self._today()
        ids = {one.id for one in owners if not one.expired(today)} or {one.id for one in owners}
        return ids.pop() if len(ids) == 1 else ""

    def _most(self, said: str, id: str) -> float:
        return 0.0 if (said, id) in self._denied else most_if_lacking(said, self._questions.get(id, ""))
