"""Defines the judgment of a text, from which the answerer decides how to respond."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from bot.core.messages import Candidate
from bot.faq.ranking.background import OutOfScopeTopic
from bot.faq.ranking.commands import Command
from bot.faq.ranking.evidence import Evidence
from bot.faq.ranking.risk import Danger

NO_EVIDENCE = Evidence(*(np.zeros((1, 0), np.float32) for _ in fields(Evidence)))


@dataclass(frozen=True)
class Judgement:
    """The ranking of a text and what the classifiers recognize in it.

    ``candidates`` are the likeliest entries, best first. ``chitchat`` is the sum of their probabilities below which the
    text counts as chitchat, 0 if it is none. ``denies`` is the id of the entry with the counterexample that
    is nearest to the text; None unless a counterexample is nearer than every other text of the index. ``evidence`` are
    the scores of the text. ``in_part`` is the danger of the likeliest part of the text that describes one (parts.py).
    ``verified`` are the candidates as the verifier corrected them, () if it did not read them: they decide whether an
    entry answers the whole text, and nothing else.
    """

    candidates: tuple[Candidate, ...]
    chitchat: float
    out_of_scope_topic: OutOfScopeTopic | None
    danger: Danger | None = None
    command: Command | None = None
    denies: str | None = None
    evidence: Evidence = NO_EVIDENCE
    in_part: Danger | None = None
    verified: tuple[Candidate, ...] = ()

    @property
    def deciding(self) -> tuple[Candidate, ...]:
        """Returns the candidates, best first, that decide whether an entry answers the whole text."""
        return self.verified or self.candidates

    @property
    def sure_command(self) -> Command | None:
        """Returns the command, if its score is high enough to treat the message as one."""
        return self.command if self.command and self.command.sure else None

    @property
    def best(self) -> Candidate:
        return self.candidates[0]

    def led_by(self, candidate: Candidate) -> Judgement:
        """Returns the judgment with ``candidate`` first, instead of that of the same entry: it answers a part."""
        others = (one for one in self.candidates if one.entry != candidate.entry)
        return replace(self, candidates=(candidate, *others), verified=())
