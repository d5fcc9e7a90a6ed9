"""Defines the protocols through which actions use the FAQ engine; ``bot.faq`` and the tests' fakes implement them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bot.core.messages import Candidate, Source
from bot.faq.answering.context import Context
from bot.faq.answering.left_out import Test
from bot.faq.publishing.reach import Found
from bot.faq.publishing.trials import Written
from bot.faq.words.keywords import Subjects


class Entry(Protocol):
    """A published FAQ entry. ``body`` is Markdown. The entry is not served after the date ``expires``."""

    @property
    def id(self) -> str: ...
    @property
    def question(self) -> str: ...
    @property
    def topic(self) -> str: ...
    @property
    def team(self) -> str: ...
    @property
    def source(self) -> Source: ...
    @property
    def responsible(self) -> str: ...
    @property
    def reviewed(self) -> date: ...
    @property
    def expires(self) -> date | None: ...
    @property
    def body(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def audience(self) -> Mapping[str, Sequence[str]]: ...


class OutOfScopeTopic(Protocol):
    """A topic that another office or organization handles.

    ``name`` is its id, ``title`` its Spanish title. ``body`` is the responsible organization and ``url`` its page (both
    may be ''). ``scope`` is municipal, nacional or privado; ``emergency`` is a kind of emergency in agency.yml or ''.
    ``is_agencys`` is true if another office of the same agency handles it.
    """

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def scope(self) -> str: ...
    @property
    def body(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def emergency(self) -> str: ...
    @property
    def is_agencys(self) -> bool: ...


class Ask(Protocol):
    """A question about the citizen, whose reply decides between the variants of the entry with the id ``entry``.

    ``options`` are the possible values of the ``dimension`` in question.
    """

    @property
    def entry(self) -> str: ...
    @property
    def dimension(self) -> str: ...
    @property
    def options(self) -> Sequence[str]: ...


class Danger(Protocol):
    """A danger that a message may describe; ``kind`` is its most likely kind, a key of ``emergencias`` in agency.yml.

    If ``sure``, the danger is confirmed; otherwise it is only possible.
    """

    @property
    def kind(self) -> str: ...
    @property
    def sure(self) -> bool: ...


class Command(Protocol):
    """A command to the assistant, or small talk such as thanks.

    ``name`` is an intent of domain.yml; ``score`` is about 0 for questions, about 1 for commands.
    """

    @property
    def name(self) -> str: ...
    @property
    def score(self) -> float: ...


class Decision(Protocol):
    """The answerer's decision on a message.

    ``kind`` is answer, clarify, refer, scope (chitchat) or handoff. ``candidates`` are the most likely entries, best
    first. ``entry`` is the entry to answer with or, for a handoff, the expired entry that would have answered.
    ``variants``, instead of ``entry``, are one answer per audience, if the citizen's audience is unknown.

    ``also`` and ``also_variants`` are the same for a second question; if only one question can be answered, they are
    its answer, and the kind applies to the other question. ``asks`` is the question to ask the citizen first.
    ``out_of_scope_topic`` is the topic, if no entry matches. ``follows`` is true if the message is a follow-up to the
    last answer. ``danger`` is the danger that the message may describe; if it is confirmed, there is no ``entry``.
    ``command`` is the command recognized in the message, even if an entry also answers the message. ``beside`` is an
    entry to offer below the answer, since another part of the message may ask for it; ``unanswered`` is the place of
    another part, first or second, that asks something that no entry surely answers.
    """

    @property
    def kind(self) -> str: ...
    @property
    def candidates(self) -> Sequence[Candidate]: ...
    @property
    def entry(self) -> Entry | None: ...
    @property
    def also(self) -> Entry | None: ...
    @property
    def also_variants(self) -> Sequence[Entry]: ...
    @property
    def asks(self) -> Ask | None: ...
    @property
    def out_of_scope_topic(self) -> OutOfScopeTopic | None: ...
    @property
    def follows(self) -> bool: ...
    @property
    def danger(self) -> Danger | None: ...
    @property
    def variants(self) -> Sequence[Entry]: ...
    @property
    def command(self) -> Command | None: ...
    @property
    def beside(self) -> Candidate | None: ...
    @property
    def unanswered(self) -> str | None: ...


class Thresholds(Protocol):
    """The minimum probabilities of an entry: ``offer`` to offer it as a choice, ``answer`` to answer with it."""

    @property
    def offer(self) -> float: ...
    @property
    def answer(self) -> float: ...


class Notices(Protocol):
    """Recognizes messages about a public notice. Needs CPU, so call it in a thread.

    ``about`` gets the utterances of each notice, by the notice's id. It returns the id of the notice that ``text`` is
    about; '' if there is none.
    """

    def about(self, text: str, notices: Mapping[str, Sequence[str]]) -> str: ...


class Vectorizer(Protocol):
    """Turns texts into unit vectors (float32, one row per text) with the encoder whose hash is ``fingerprint``."""

    @property
    def fingerprint(self) -> str: ...
    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


class Answerer(Protocol):
    """Finds the entry that answers a message (bot/faq/answering/answerer.py).

    ``entries`` are the published ones, one of each id; ``subjects`` those of their keywords. ``answer``,
    ``candidates`` and ``danger`` need 5-15 ms of CPU, ``dangers`` as much for each text: call them in a thread.
    ``chosen`` returns the decision for the entry that the citizen chose, None for an unknown id. ``candidates`` returns
    the likeliest entries, best first. ``danger`` returns the danger that a text may describe, or None. ``dangers``
    returns, for each utterance of an entry, the danger about which the reply would warn before the answer, or None.
    """

    @property
    def entries(self) -> Sequence[Entry]: ...
    @property
    def subjects(self) -> Subjects: ...
    @property
    def thresholds(self) -> Thresholds: ...
    @property
    def notices(self) -> Notices: ...
    def answer(self, text: str, *, today: date, context: Context) -> Decision: ...
    def chosen(self, id: str, *, today: date, context: Context) -> Decision | None: ...
    def candidates(self, text: str) -> Sequence[Candidate]: ...
    def danger(self, text: str) -> Danger | None: ...
    def dangers(self, texts: Sequence[str]) -> Sequence[Danger | None]: ...
    @property
    def vectorizer(self) -> Vectorizer: ...


class Effect(Protocol):
    """The effect of changed entries on the answers; ``to_json`` converts it to JSON for the editors' page."""

    def to_json(self) -> dict[str, Any]: ...


class Trials(Protocol):
    """Tries new texts of entries and test messages; since a call may take a second or two, make it in a thread.

    ``compared`` returns the answers to ``text`` now and with a new text of an entry, each as lines with the reasons;
    the second is None if the new text has an error. ``effect`` measures how new texts change the answers; it returns
    None if a text has an error. ``reach`` returns what becomes of the utterances of an entry with a new text, and of
    citizens' messages; None if the text has an error. ``answered`` returns the id of the entry that now answers each
    test message, '' if none does.
    """

    def compared(self, text: str, written: Written) -> tuple[Sequence[str], Sequence[str] | None]: ...
    def effect(self, written: Sequence[Written], asked: Sequence[str]) -> Effect | None: ...
    def reach(self, written: Written, asked: Sequence[str]) -> Found | None: ...
    def answered(self, tests: Sequence[Test]) -> list[str]: ...


class Faq(Protocol):
    """The live FAQ; its ``answerer`` is replaced whenever an editor publishes, so read it again in each turn."""

    @property
    def answerer(self) -> Answerer: ...
    @property
    def trials(self) -> Trials: ...
