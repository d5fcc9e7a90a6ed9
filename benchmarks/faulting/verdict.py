"""Judges a run: finds lost, unanswered, repeated or disordered messages, lost tickets and files, and work left over."""

from __future__ import annotations

import math
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import httpx

from benchmarks.faulting.evidence import Evidence, in_order, numbers_in
from benchmarks.faulting.ledger import Ledger, Said
from benchmarks.faulting.told import DISORDERED, LOST, NEVER_TOLD, UNEXPLAINED
from bot.core.events import Event, EventKind
from bot.core.messages import Author
from tests.live_people import Event as Told
from tests.live_people import order

ASSISTANT_S_TURN = "assistant"
# An acknowledgement arrives after the write, and even a healthy replica is a little behind.
EARLY_S, LATE_S = 1.0, 3.0
BROKEN = "a promise that a fault found broken"
ANSWER_LOST = "an answer published at the desk, but not on disk"
FILE_LOST = "a file accepted, but not in the transcript"
CRASHED = "the bot ended by itself"
NOT_DONE = "a fault that could not be done"
GREW = "far more memory or open files than at the start"
LOST_ALARM = "an alarm or a complaint that reached nobody"
ANEW = "chat begun anew although Redis lost nothing"
REFUSED_HOOK = "a call of the webhook without a good signature"
MANY_FILES = 20  # so many uploads that every run accepts at least one
Spans = Sequence[tuple[float, float]]
Shown = Mapping[str, Mapping[str, Sequence[Told]]]


@dataclass
class Verdict:
    """The findings of each kind, as lines of evidence; a finding of a kind in GRAVE makes the run fail."""

    findings: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    counted: dict[str, int] = field(default_factory=dict)

    GRAVE = (
        "not in the transcript",
        "in the transcript twice",
        "not in the record",
        "in the record twice",
        "out of order",
        "in silence",
        "closed over, read by nobody",
        "answered twice on the web",
        "shown twice or out of order on the web",
        "not shown on the web",
        "ticket lost or in two places",
        "ticket with two owners",
        "not accepted although all was well",
        "not back to health",
        "left over",
        FILE_LOST,
        ANSWER_LOST,
        NEVER_TOLD,
        UNEXPLAINED,
        DISORDERED,
        BROKEN,
        CRASHED,
        NOT_DONE,
        GREW,
        LOST_ALARM,
        REFUSED_HOOK,
        ANEW,
    )

    @property
    def passed(self) -> bool:
        return not any(self.findings.get(kind) for kind in self.GRAVE)


def judge(
    ledger: Ledger,
    found: Evidence,
    told: Shown,
    read_up_to: Mapping[str, str],
    lost: Spans = (),
) -> Verdict:
    """Judges a run and returns the findings.

    ``told`` contains the events shown to each web citizen, by conversation; ``read_up_to`` maps each closed ticket to
    the last event that its agent had read.

    Writes that Valkey acknowledged in a span of ``lost`` may be lost, which breaks no promise; they are counted
    separately.
    """
    verdict = Verdict()
    _keeping(verdict, ledger, found, lost)
    for name, conversations in ledger.conversations.items():
        for conversation in conversations:
            _conversation(verdict, conversation, found, read_up_to, of_web=name in told)
        files = sum(_has_file(event) for one in conversations for event in found.logs.get(one, ()))
        if files < ledger.accepted_files[name]:
            kind = LOST if lost else FILE_LOST
            verdict.findings[kind].append(f"{name}: {ledger.accepted_files[name]} files accepted, {files} there")
    if sum(ledger.files.values()) >= MANY_FILES and not ledger.files[str(httpx.codes.ACCEPTED)]:
        verdict.findings[FILE_LOST].append(f"none of {sum(ledger.files.values())} was accepted")
    _begun_anew(verdict, ledger, told, lost)
    for name, chats in told.items():
        for one, frames in chats.items():
            _page(verdict, name, frames, found.logs.get(one, []), () if one == list(chats)[-1] else lost)
    _tickets(verdict, found, lost)
    for what, count in found.left.items():
        verdict.findings["left over"].append(f"{what}: {count}")
    return verdict


def _begun_anew(verdict: Verdict, ledger: Ledger, told: Shown, lost: Spans) -> None:
    """Adds a finding for each chat that a browser replaced by a new one; allowed only after Redis lost data."""
    anew = [(name, chat) for name, chats in told.items() for chat in list(chats)[1:]]
    verdict.counted["chats begun anew"] = len(anew)
    for name, chat in anew:
        may_be = any(begin - EARLY_S <= ledger.begun.get(name, {}).get(chat, math.inf) for begin, _ in lost)
        verdict.findings[LOST if may_be else ANEW].append(f"{name}: chat {chat[:8]} begun anew")


def _conversation(
    verdict: Verdict, conversation: str, found: Evidence, read_up_to: Mapping[str, str], *, of_web: bool
) -> None:
    events = found.logs.get(conversation, [])
    speaker, _ = found.speakers.get(conversation, (ASSISTANT_S_TURN, ""))
    _silence(verdict, conversation, events, speaker)
    _closings(verdict, conversation, events, read_up_to)
    _owners(verdict, events)
    for line in answered_twice(events) if of_web else ():
        verdict.findings["answered twice on the web"].append(f"{conversation[:8]}: {line}")


def _keeping(verdict: Verdict, ledger: Ledger, found: Evidence, lost: Spans) -> None:
    """Finds acknowledged messages that are missing, repeated or out of order in the transcript or in the record."""
    logged = [(one.conversation, number) for log in found.logs.values() for one, number in _numbered(log)]
    rows = [
        (row.conversation, number) for row in found.rows if row.author == "citizen" for number in numbers_in(row.text)
    ]
    in_log, in_record = Counter(logged), Counter(rows)
    verdict.counted["acknowledged"] = len(ledger.acknowledged())
    verdict.counted["said"] = len(ledger.messages)
    verdict.counted["answered in the end"] = sum(one.answered_at is not None for one in ledger.messages)
    for said in ledger.acknowledged():
        keys = [(one, said.number) for one in ledger.conversations.get(said.citizen, ())]
        for kind, where in (("transcript", in_log), ("record", in_record)):
            count = sum(where[key] for key in keys)
            if not count:
                may_be = during(said.acknowledged_at, lost)
                verdict.findings[LOST if may_be else f"not in the {kind}"].append(f"{_named(said)}, in the {kind}")
            if count > 1:
                may_be = (kind == "record" or len(keys) > 1) and _sent_over(said, lost)
                verdict.findings[LOST if may_be else f"in the {kind} twice"].append(f"{_named(said)}, twice")
    for conversation, log in found.logs.items():
        numbers = [number for _, number in _numbered(log)]
        if numbers != sorted(numbers):
            late = next(b for a, b in pairwise(numbers) if b < a)
            verdict.findings["out of order"].append(f"{conversation[:8]}: {late} comes after a later one")
    _rows_in_order(verdict, found)


def _has_file(event: Event) -> bool:
    return event.author is Author.CITIZEN and event.kind is EventKind.MESSAGE and bool(event.message.attachments)


def during(moment: float | None, spans: Spans) -> bool:
    """Returns whether a write acknowledged at ``moment`` may have happened in one of the spans; False for None."""
    return moment is not None and any(begin - EARLY_S <= moment <= end + LATE_S for begin, end in spans)


def _sent_over(said: Said, spans: Spans) -> bool:
    """Returns whether the time from sending the message to its acknowledgement overlaps one of the spans."""
    acknowledged_at = said.acknowledged_at or said.said_at
    return any(said.said_at <= end + LATE_S and acknowledged_at >= begin - EARLY_S for begin, end in spans)


def _rows_in_order(verdict: Verdict, found: Evidence) -> None:
    ids = defaultdict[str, list[str]](list)
    for row in found.rows:
        ids[row.conversation].append(row.event_id)
    for conversation, written in ids.items():
        if not in_order(written):
            verdict.findings["rows not written in order"].append(conversation[:8])


def _numbered(log: Sequence[Event]) -> Iterator[tuple[Event, int]]:
    for event in log:
        if event.kind is EventKind.MESSAGE and event.author is Author.CITIZEN:
            for number in numbers_in(event.text):
                yield event, number


def _named(said: Said) -> str:
    return f"{said.citizen} {said.number}"


def _silence(verdict: Verdict, conversation: str, log: Sequence[Event], speaker: str) -> None:
    """Adds a finding if a conversation with the assistant ends with a citizen's message."""
    if speaker == ASSISTANT_S_TURN and log and log[-1].author is Author.CITIZEN and log[-1].kind is EventKind.MESSAGE:
        verdict.findings["in silence"].append(f"{conversation[:8]}: {log[-1].text[-40:]!r} at {log[-1].at}")


def silent(found: Evidence) -> dict[str, int]:
    """Returns the time (ms since 1970) of the last message of each conversation that awaits the assistant's reply."""
    verdict = Verdict()
    waiting = {}
    for conversation, log in found.logs.items():
        before = len(verdict.findings["in silence"])
        _silence(verdict, conversation, log, found.speakers.get(conversation, ("", ""))[0])
        if len(verdict.findings["in silence"]) > before:
            waiting[conversation] = log[-1].at
    return waiting


def _closings(verdict: Verdict, conversation: str, log: Sequence[Event], read_up_to: Mapping[str, str]) -> None:
    """Finds closed tickets with messages that were neither read nor answered.

    The agent had not read these messages when closing the ticket. After the closing, neither the assistant nor an agent
    wrote, and no ticket was opened; notices do not count.
    """
    for place, closing in enumerate(log):
        if closing.kind is not EventKind.TICKET_CLOSED or closing.ticket is None:
            continue
        seen = read_up_to.get(closing.ticket.ticket)
        unread = [
            one
            for one in log[:place]
            if seen and one.kind is EventKind.MESSAGE and one.author is Author.CITIZEN and order(one.id) > order(seen)
        ]
        said = [one for one in log[place:] if one.kind is EventKind.MESSAGE]
        answers = (one.author in {Author.ASSISTANT, Author.STAFF} for one in said)
        opened = any(one.kind is EventKind.TICKET_OPENED for one in log[place:])
        if unread and not any(answers) and not opened:
            verdict.findings["closed over, read by nobody"].append(f"{conversation[:8]}: {unread[-1].text[-40:]!r}")


def _owners(verdict: Verdict, log: Sequence[Event]) -> None:
    owner: dict[str, str] = {}
    for event in log:
        if event.ticket is None:
            continue
        ticket = event.ticket.ticket
        if event.kind is EventKind.TICKET_CLAIMED:
            before = owner.setdefault(ticket, event.ticket.owner_id)
            if before != event.ticket.owner_id:
                verdict.findings["ticket with two owners"].append(f"{ticket}: {before} and {event.ticket.owner_id}")
        elif event.kind in {EventKind.TICKET_RETURNED, EventKind.TICKET_MOVED}:
            owner.pop(ticket, None)


def answered_twice(log: Sequence[Event]) -> Iterator[str]:
    """Yields a line for each turn of the assistant without a pending message; replies of a turn have the same time."""
    pending, moment, begun = 0, 0, False
    for event in log:
        if event.kind is not EventKind.MESSAGE:
            continue
        if event.author is Author.CITIZEN:
            pending, begun = pending + 1, True
        elif event.author is Author.ASSISTANT and begun and event.at != moment:
            moment = event.at
            if pending == 0:
                yield f"{event.text[:40]!r} at {event.at}"
            pending = max(0, pending - 1)


def _page(verdict: Verdict, name: str, frames: Sequence[Told], log: Sequence[Event], lost: Spans) -> None:
    """Compares the events shown on the page of one conversation with the conversation's log.

    If Redis lost the conversation, the page may lack events written in a span of ``lost``.
    """
    ids = [frame["id"] for frame in frames]
    if len(set(ids)) != len(ids) or not in_order(ids):
        verdict.findings["shown twice or out of order on the web"].append(name)
    missing = [one for one in log if one.kind is EventKind.MESSAGE and one.id not in set(ids)]
    since = time.monotonic() - time.time()
    for may_be in (True, False):
        some = [one for one in missing if during(one.at / 1000 + since, lost) is may_be]
        if some:
            kind = LOST if may_be else "not shown on the web"
            verdict.findings[kind].append(f"{name}: {len(some)}, first {some[0].id}")


def _tickets(verdict: Verdict, found: Evidence, lost: Spans) -> None:
    kind = "ticket lost or in two places"
    for ticket, places in found.places.items():
        if len(places) > 1:
            verdict.findings[kind].append(f"{ticket}: {', '.join(places)}")
    for conversation, (speaker, ticket) in found.speakers.items():
        if speaker != ASSISTANT_S_TURN and ticket not in found.places:
            verdict.findings[kind].append(f"{ticket or 'none'} of {conversation[:8]}, where it is {speaker}'s turn")
    for ticket in found.open_in_record - found.places.keys():
        may_be = during(found.changed.get(ticket), lost)
        verdict.findings[LOST if may_be else kind].append(f"{ticket}: open in the record only")
