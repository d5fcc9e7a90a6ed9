"""Compares a provider's deliveries with the event log: finds lost, disordered and repeated messages, with the cause."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.faulting.providers import LIES, Delivery
from bot.agency.offices import Office
from bot.agency.whatsapp_templates import Templates
from bot.channels.formatting.actions import without_actions
from bot.channels.formatting.event_spans import event_spans
from bot.channels.formatting.markup import telegram_html
from bot.channels.formatting.spans import utf16_length
from bot.channels.formatting.splitting import split
from bot.channels.whatsapp.render import render
from bot.core.channels import traits_of
from bot.core.event_facts import DeliveryFacts
from bot.core.events import Event, EventKind
from bot.core.messages import Author, Channel

# A sent part may not have been recorded if a sending process failed: seconds before the fault, and after its end. It
# may also fail until all is well again: on a busy machine the launcher restarts a bot that does not answer in time.
EARLY_S, LATE_S = 2.0, 30.0
TOUCH_SENDING = frozenset({"bot", "valkey", "launcher"})
LIED = "repeated: the provider had accepted and did not say so"
KILLED = "repeated: near a fault of what sends"
UNEXPLAINED = "repeated on a provider for no reason known"
NEVER_TOLD = "never told on a provider"
GIVEN_UP = "given up, and the desk was told"
LOST = "lost at a fail-over of Valkey or with its file"
DISORDERED = "out of order on a provider"


@dataclass(frozen=True)
class Struck:
    """A fault that was caused: its start and end (monotonic seconds), the affected parts, and a remark or ''.

    ``well`` is the time when the system was healthy again or when the wait for that ended.
    """

    name: str
    began: float
    ended: float
    parts: frozenset[str]
    remark: str = ""
    well: float = 0.0


def compare(
    conversation: str,
    log: Sequence[Event],
    got: Sequence[Delivery],
    site: str,
    struck: Sequence[Struck],
    offices: tuple[Office, ...] = (),
    unsent: Collection[str] = (),
    *,
    emptied: bool = False,
) -> Iterable[tuple[str, str]]:
    """Yields each deviation of the deliveries ``got`` from ``log`` as its kind and a line of evidence.

    ``site`` is PUBLIC_URL; ``offices`` are those of the agency, whose addresses are linked to a map. ``unsent`` are the
    ids of events that Valkey lost with the outbox in which they waited. With ``emptied``, Valkey lost everything, so an
    answer may be delivered again.
    """
    events = [one for one in log if one.kind is EventKind.MESSAGE and one.author is not Author.CITIZEN]
    channel = got[0].channel if got else ""
    failed = {one.facts.of for one in log if isinstance(one.facts, DeliveryFacts) and one.facts.state == "failed"}
    parts = [(part, event) for event in events for part in parts_of(event, channel, site, offices)]
    said = [part for part, _ in parts]
    again = {part for part in said if sum(one.text.count(part) for one in got) > 1} if emptied else set[str]()
    yield from ((DISORDERED, f"{conversation[:8]}: {line}") for line in disordered(said, got, again))
    for part in dict.fromkeys(part for part, _ in parts):
        wanted = sum(other.count(part) for other, _ in parts)
        saw = [one for one in got for _ in range(one.text.count(part))]
        shown = f"{conversation[:8]}: {part[:40]!r}"
        for kind in excess(saw, len(saw) - wanted, struck):
            yield kind, f"{shown}, seen {', '.join(_at(one, saw[0]) for one in saw)}"
        if missing := max(0, wanted - len(saw)):
            of = [event.id for other, event in parts if other == part]
            given_up, lost = sum(one in failed for one in of), sum(one in unsent for one in of)
            yield (GIVEN_UP if given_up >= missing else LOST if given_up + lost >= missing else NEVER_TOLD), shown


def disordered(parts: Sequence[str], got: Sequence[Delivery], ignored: Collection[str] = ()) -> Iterable[str]:
    """Yields a line for each part that reached the citizen before an earlier part; skips repeated texts."""
    newest, newest_part = (-1, -1), ""
    for part in parts:
        if part in ignored or sum(other.count(part) for other in parts) != 1:
            continue
        place = next(((number, one.text.index(part)) for number, one in enumerate(got) if part in one.text), None)
        if place is None:
            continue
        if place < newest:
            yield f"{newest_part[:40]!r} came before {part[:40]!r}"
        newest, newest_part = max((newest, newest_part), (place, part))


def parts_of(event: Event, channel: str, site: str, offices: tuple[Office, ...]) -> list[str]:
    """Returns the texts in which ``channel`` sends the event; one delivery may contain texts of several events."""
    if channel == "whatsapp":
        return [one.text for one in render(event, Templates(), site, offices=offices) if one.text]
    spans = event_spans(without_actions(event), site=site, offices=offices)
    return [telegram_html(piece) for piece in split(spans, traits_of(Channel.TELEGRAM).text_limit, utf16_length)]


def _at(one: Delivery, first: Delivery) -> str:
    return f"{one.at - first.at:.1f} s ({one.mood})"


def excess(
    saw: Sequence[Delivery], count: int, struck: Sequence[Struck], touches: frozenset[str] = TOUCH_SENDING
) -> list[str]:
    """Returns a cause for each of ``count`` repeats: a provider's lie, a fault at about the same time, or unexplained.

    A cause is LIED, KILLED or UNEXPLAINED. A fault counts if it affected a part in ``touches``.
    """
    reasons = [LIED for one in saw if one.mood in LIES]
    reasons += [KILLED for one in saw if one.mood not in LIES and _near(one, struck, touches)]
    return [reasons[at] if at < len(reasons) else UNEXPLAINED for at in range(max(0, count))]


def _near(one: Delivery, struck: Sequence[Struck], touches: frozenset[str]) -> bool:
    return any(
        fault.parts & touches and fault.began - EARLY_S <= one.at <= max(fault.ended + LATE_S, fault.well)
        for fault in struck
    )


def by_chat(delivered: Iterable[Delivery]) -> Mapping[str, list[Delivery]]:
    chats = defaultdict[str, list[Delivery]](list)
    for one in delivered:
        chats[one.chat].append(one)
    return chats


def count(found: Iterable[tuple[str, str]]) -> Counter[str]:
    return Counter(kind for kind, _ in found)
