"""Counts and times what this process does: messages, turns, alarms, deliveries, faults, refusals, FAQ updates.

Labels are names from code or agency.yml, never a conversation, an address or a citizen's words.
"""

from __future__ import annotations

import time
from collections import defaultdict
from contextlib import AbstractContextManager
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bot.core.errors.rasa import RasaSilent, RasaUnavailable
from bot.core.logs import log
from bot.core.messages import Channel, HandoffReason

LOGGED_EVERY_S = 60  # the log has at most one line about each kind of refusal in this time
REGISTRY = CollectorRegistry()
STEP_BUCKETS_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
ANSWER_BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300)


class Stage(StrEnum):
    """A stage in the processing of a message.

    ``lease`` is the wait in the work queue. ``decide`` includes ``answer`` (a request to the answerer), ``intent`` (a
    request to Rasa for the intent alone) and ``rasa`` (a request to Rasa for a turn).
    """

    ACCEPT = "accept"
    LEASE = "lease"
    DECIDE = "decide"
    ANSWER = "answer"
    INTENT = "intent"
    RASA = "rasa"
    COMMIT = "commit"
    SEND = "send"


class Outcome(StrEnum):
    """The outcome of a committed turn, counted for each message of the turn."""

    ANSWERED = "answered"  # by the assistant
    HANDED_OFF = "handed_off"
    HELD = "held"  # the answer waits for an agent's approval
    LEFT_TO_STAFF = "left_to_staff"  # the message is for an agent: the citizen waits for one or talks to one


class Refusal(StrEnum):
    """The kinds of refused requests and sign-ins, counted because they may be attacks."""

    SIGN_IN = "sign_in"  # a wrong password, code or answer of the identity provider
    THROTTLED = "throttled"  # an attempt to sign in that was not even checked
    SIGNATURE = "signature"  # a webhook's request without a valid signature or secret
    OPENINGS = "openings"  # conversations, messages, files and connections above a limit
    MESSAGES = "messages"
    FILES = "files"
    CONNECTIONS = "connections"
    READINGS = "readings"  # of the record, by an account above its limit
    INPUT = "input"  # a request whose values do not have the documented form
    OTHER_SITE = "other_site"  # a change at the desk that another site's page sent, or without the session's token


class Delivery(StrEnum):
    """The outcome of a request to a channel's provider."""

    SENT = "sent"
    RETRIED = "retried"
    GIVEN_UP = "given_up"


class Fault(StrEnum):
    """The kinds of faults that delay a citizen's message; each has a text for staff in ``mesa.fallas``."""

    UNQUEUED = "unqueued"  # pending or unsent messages were in no queue; they are in one again
    HUNG = "hung"  # answering or sending took far too long, and was aborted
    GIVEN_UP = "given_up"  # no turn could be committed; a person takes over
    UNSURE = "unsure"  # nobody knows whether a provider delivered a reply


_accepted = Counter(
    "ventanilla_messages_accepted", "Citizens' messages stored; repeats do not count.", ["channel"], registry=REGISTRY
)
_committed = Counter(
    "ventanilla_messages_committed",
    "Citizens' messages whose turn was committed, by what became of them.",
    ["channel", "outcome"],
    registry=REGISTRY,
)
_handoffs = Counter(
    "ventanilla_handoffs", "Tickets that turns opened, by reason.", ["channel", "reason"], registry=REGISTRY
)
_stages = Histogram(
    "ventanilla_stage_seconds", "Time of each stage.", ["stage"], registry=REGISTRY, buckets=STEP_BUCKETS_S
)
_answers = Histogram(
    "ventanilla_answer_seconds",
    "Time from storing a message to committing its answer or handoff.",
    ["channel"],
    registry=REGISTRY,
    buckets=ANSWER_BUCKETS_S,
)
_rasa_failures = Counter(
    "ventanilla_rasa_failures", "Turns that became a handoff since Rasa failed.", ["error"], registry=REGISTRY
)
_danger_failures = Counter(
    "ventanilla_danger_failures", "Messages judged by phrases alone since the action server failed.", registry=REGISTRY
)
_alarms = Counter(
    "ventanilla_alarms",
    "Attempts to alarm a person about an emergency or a spike.",
    ["way", "outcome"],
    registry=REGISTRY,
)
_faults = Counter(
    "ventanilla_faults", "Conversations whose messages a fault held up, by fault.", ["fault"], registry=REGISTRY
)
_deliveries = Counter(
    "ventanilla_deliveries",
    "Requests to a channel's provider, by outcome and by the reason of a failure.",
    ["channel", "outcome", "reason"],
    registry=REGISTRY,
)
_reports = Counter(
    "ventanilla_delivery_reports",
    "Delivery states that a provider reported later, with the reason of a failure.",
    ["channel", "state", "reason"],
    registry=REGISTRY,
)
faq_entries = Gauge("ventanilla_faq_entries", "FAQ entries in use.", registry=REGISTRY)
faq_problems = Gauge("ventanilla_faq_problems", "Problems in the FAQ's files.", ["severity"], registry=REGISTRY)
faq_published_at = Gauge(
    "ventanilla_faq_published_timestamp_seconds", "When the entries last changed.", registry=REGISTRY
)
faq_publish_seconds = Histogram(
    "ventanilla_faq_publish_seconds",
    "Time to put changed entries into use, without reading their files.",
    registry=REGISTRY,
    buckets=STEP_BUCKETS_S,
)
_refusals = Counter(
    "ventanilla_refusals",
    "Refused attempts to sign in, forged or invalid requests, and limits met.",
    ["what"],
    registry=REGISTRY,
)
faq_publish_failures = Counter(
    "ventanilla_faq_publish_failures",
    "Failed attempts to read the FAQ's folder or to switch to a new encoder.",
    ["what"],
    registry=REGISTRY,
)

# Labels are looked up once, which halves the cost per message; the series then also exist before the first event.
_stage = {stage: _stages.labels(stage.value) for stage in Stage}
_accepted_in = {channel: _accepted.labels(channel.value) for channel in Channel}
_committed_in = {(one, how): _committed.labels(one.value, how.value) for one in Channel for how in Outcome}
_refused = {what: _refusals.labels(what.value) for what in Refusal}
_unlogged: dict[Refusal, int] = defaultdict(int)  # refusals since the last line about their kind
_next_line: dict[Refusal, float] = {}  # when the next line may be written, by time.monotonic()
_answer_in = {channel: _answers.labels(channel.value) for channel in Channel}
for _fault in Fault:
    _faults.labels(_fault.value)
for _what in ("folder", "encoder"):
    faq_publish_failures.labels(_what)
for _error in (RasaUnavailable, RasaSilent):
    _rasa_failures.labels(_error.__name__)


def timed(stage: Stage) -> AbstractContextManager[object]:
    """Returns a context manager that measures the duration of its block, even if the block raises."""
    return _stage[stage].time()


def count_accepted(channel: Channel) -> None:
    """Counts a stored message of a citizen."""
    _accepted_in[channel].inc()


def observe_lease(entry: str) -> None:
    """Measures how long a work queue entry has waited; ``entry`` is its stream id, which begins with its time in ms."""
    _stage[Stage.LEASE].observe(_seconds_since(int(entry.partition("-")[0])))


def count_committed(channel: Channel, outcome: Outcome, accepted_ms: int) -> None:
    """Counts a message whose turn was committed; if it was answered or handed off, also measures how long that took.

    ``accepted_ms`` is when the message was stored, in ms since 1970.
    """
    _committed_in[channel, outcome].inc()
    if outcome in {Outcome.ANSWERED, Outcome.HANDED_OFF}:
        _answer_in[channel].observe(_seconds_since(accepted_ms))


def count_handoff(channel: Channel, reason: HandoffReason) -> None:
    """Counts a ticket that a turn opened."""
    _handoffs.labels(channel.value, reason.value).inc()


def count_rasa_failure(error: Exception) -> None:
    """Counts a turn in which Rasa failed."""
    _rasa_failures.labels(type(error).__name__).inc()


def count_danger_failure() -> None:
    """Counts a message that the action server could not check for a danger, so that only phrases decided."""
    _danger_failures.inc()


def count_alarm(way: str, *, sent: bool) -> None:
    """Counts an attempt to send a person an alarm; ``way`` is the sender's name, such as ``mail``."""
    _alarms.labels(way, "sent" if sent else "failed").inc()


def count_refusal(what: Refusal) -> None:
    """Counts a refused request or sign-in; the log says so once a minute for each kind, with their number.

    A line for each would let strangers fill the disk.
    """
    _refused[what].inc()
    _unlogged[what] += 1
    now = time.monotonic()
    if now >= _next_line.get(what, 0.0):
        _next_line[what] = now + LOGGED_EVERY_S
        log.warning("refused", what=what.value, count=_unlogged.pop(what))


def count_fault(fault: Fault) -> None:
    """Counts a fault that delayed a conversation."""
    _faults.labels(fault.value).inc()


def count_delivery(channel: Channel, outcome: Delivery, reason: str = "") -> None:
    """Counts a request to a channel's provider.

    If the request failed, ``reason`` is the reason of the SendLater or SendRefused error.
    """
    _deliveries.labels(channel.value, outcome.value, reason).inc()


def count_report(channel: Channel, state: str, reason: str) -> None:
    """Counts a delivery state that a provider reported later, with the reason of a failure."""
    _reports.labels(channel.value, state, reason).inc()


def _seconds_since(ms: int) -> float:
    """Returns the seconds since ``ms``, a time of Redis's clock; 0 if that clock is ahead of this machine's."""
    return max(0.0, time.time() - ms / 1000)
