"""Describes the desk's JSON, for the types of its page's scripts (scripts/front_types.py).

It is made in views and the APIs beside it; tests/integration/test_desk_shapes.py asks and compares.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.core.event_facts import TicketState
from bot.core.messages import Author, Channel, HandoffReason, Priority
from bot.tickets.presence import Presence


class Shape(BaseModel):
    """What all have: nothing but what is described. Moments are milliseconds since 1970."""

    model_config = ConfigDict(extra="forbid")


class Owner(Shape):
    """Who has a ticket, and whether that is the person who asks."""

    name: str
    me: bool


class LastWords(Shape):
    """The newest thing anybody said."""

    id: str
    author: Author
    text: str
    at: int


class ConsideredEntry(Shape):
    """An entry that the assistant thought of."""

    entry: str
    question: str
    percent: int


class FileLimits(Shape):
    """The largest picture and document in bytes, and why the channel takes none now, in words."""

    picture: int
    document: int
    hindrance: str


class ReplyWindow(Shape):
    """WhatsApp's 24 hours: their end and length, what happens after, whether a reply can be seen as it will go out."""

    open_until: int
    lasts: int
    after: str
    previews: bool


class KnownFact(Shape):
    """One thing known of the citizen, in words."""

    label: str
    words: str


class Ticket(Shape):
    """A ticket as the list and the open conversation show it."""

    id: str
    conversation: str
    channel: Channel
    channel_words: str
    reason: HandoffReason
    reason_words: str
    priority: Priority
    priority_words: str
    rank: float
    state: TicketState
    by_phone: bool
    returned: bool
    unanswered_since: int
    team: str
    team_words: str
    opened_at: int
    owner: Owner | None
    summary: str
    topic: str
    candidates: list[ConsideredEntry]
    last: LastWords | None
    unanswered: int
    files: FileLimits
    window: ReplyWindow | None
    language: str
    known: list[KnownFact]


class SourceLink(Shape):
    """The official page an answer comes from."""

    title: str
    url: str


class Provenance(Shape):
    """The proof of an answer."""

    entry: str
    version: str
    question: str
    responsible: str
    reviewed: str
    approved_by: str
    percent: int


class AttachedThing(Shape):
    """A file or a place; ``url`` is '' when nobody can fetch it."""

    words: str
    url: str


class TranscriptEvent(Shape):
    """A line of the transcript. ``html``, made safe, only for what is Markdown of ours."""

    id: str
    kind: str
    author: Author
    text: str
    at: int
    name: str
    language: str
    reply_id: str
    buttons: list[str]
    html: str | None = None
    score: int | None = Field(default=None, description="Of an opinion.")
    reason_words: str | None = Field(default=None, description="Of a change, as the next three.")
    priority: Priority | None = None
    owner_name: str | None = None
    why: str | None = None
    provenance: Provenance | None = None
    source: SourceLink | None = None
    attached: list[AttachedThing] | None = None
    words: str | None = Field(default=None, description="Of a delivery that failed, or of a citizen who blocks us.")
    edited: bool | None = None


class FaqProblem(Shape):
    """What is wrong with a file of the FAQ."""

    file: str
    line: int
    field: str
    message: str
    fix: str


class Board(Shape):
    """The whole list."""

    staff: str
    csrf: str
    now: int
    problems: list[FaqProblem]
    waiting: list[Ticket]
    mine: list[Ticket]
    others: list[Ticket]


class Transcript(Shape):
    """A ticket with what was said after some id; ``read``: up to where the citizen has read."""

    ticket: Ticket
    events: list[TranscriptEvent]
    read: str


class TicketAnswer(Shape):
    """A ticket after a change; None when it is no longer on this person's list."""

    ticket: Ticket | None


class EventAnswer(Shape):
    """The id of the event that was made."""

    id: str


class PastContact(Shape):
    """An earlier attention of the same citizen."""

    at: int
    reason_words: str
    outcome_words: str
    topic: str
    name: str
    summary: str


class Card(Shape):
    """What is known of the citizen besides their words, the newest contact first."""

    first_seen: int | None
    contacts: list[PastContact]


class Day(Shape):
    """This person's figures since midnight."""

    taken: int
    closed: int
    first_answer_s: int | None
    opinions: int
    mean: float | None


class Delivery(Shape):
    """What became of a message; ``again``: sending it once more makes sense."""

    state: Literal["sending", "sent", "delivered", "read", "failed"]
    words: str
    again: bool


class Deliveries(Shape):
    """By event id."""

    deliveries: dict[str, Delivery]


class SnippetPiece(Shape):
    """A stretch of words; ``hit`` when it was looked for."""

    text: str
    hit: bool


class FoundConversation(Shape):
    """A conversation that has the words."""

    conversation: str
    channel: Channel
    channel_words: str
    at: int
    author: Author
    pieces: list[SnippetPiece]


class SearchAnswer(Shape):
    """What was found, the newest first."""

    found: list[FoundConversation]


class PastConversation(Shape):
    """A conversation to be read; ``ticket`` is its open one, or ''."""

    channel_words: str
    ticket: str
    events: list[TranscriptEvent]


class PendingApproval(Shape):
    """An answer that waits for somebody's OK until ``due``."""

    id: str
    conversation: str
    channel: Channel
    channel_words: str
    words: str
    html: str
    questions: list[str]
    due: int


class PendingApprovals(Shape):
    """Those of this person's teams, the most urgent first."""

    now: int
    proposals: list[PendingApproval]


class FaqEntry(Shape):
    """An entry for the reply box; ``percent`` when it is suggested."""

    id: str
    version: str
    question: str
    text: str
    html: str
    source: SourceLink | None
    percent: int | None = None


class Entries(Shape):
    """Entries, the likeliest first."""

    entries: list[FaqEntry]


class Questions(Shape):
    """All questions that the FAQ answers."""

    questions: list[str]


class CannedReply(Shape):
    """A text that staff have ready; ``team`` is '' for all."""

    shortcut: str
    text: str
    team: str


class CannedReplies(Shape):
    """Those of every team."""

    canned: list[CannedReply]


class Colleague(Shape):
    """Somebody at work, and how many conversations they have."""

    id: str
    name: str
    presence: Presence
    teams: list[str]
    languages: list[str]
    load: int
    capacity: int


class Team(Shape):
    """A team of the agency."""

    id: str
    name: str


class Agents(Shape):
    """To whom a ticket may go."""

    agents: list[Colleague]
    teams: list[Team]


class PresenceAnswer(Shape):
    """Whether this person takes conversations; how many went back to the queue."""

    presence: Presence
    handed_over: int | None = None


class PreviewAnswer(Shape):
    """A reply as the citizen will read it, or why they will not."""

    text: str
    problem: str


class TicketChange(Shape):
    """Live: a ticket changed; without ``ticket`` it left this person's list."""

    id: str
    change: str
    by: str
    why: str
    ticket: Ticket | None


class SaidMessage(Shape):
    """Live: a line of a transcript."""

    ticket: str
    conversation: str
    event: TranscriptEvent


class ProposalChange(Shape):
    """Live: an answer begins to wait (``decision`` is '') or waits no more."""

    id: str
    decision: str
    by: str


class TypingSignal(Shape):
    """Live: the citizen of this ticket is writing."""

    ticket: str
    name: str


class ReadSignal(Shape):
    """Live: the citizen of this ticket has read up to this event."""

    ticket: str
    event_id: str


class LiveEvents(Shape):
    """What the stream tells, by the name of the event."""

    ready: dict[str, str]
    ticket: TicketChange
    message: SaidMessage
    proposal: ProposalChange
    typing: TypingSignal
    read: ReadSignal
    problems: list[FaqProblem]
    signed_out: dict[str, str]


class PageFacts(Shape):
    """What the page knows from the start (pages.py)."""

    csrf: str
    staff: str
    me: str
    idle_minutes: float
    max_reply: int
    channel_limits: Annotated[dict[str, int], Field(description="Characters of one message, by channel.")]
    reassign: bool
    texts: dict[str, str]


class Refusal(Shape):
    """Why something was refused; ``owner``: who was faster; ``newest``: the citizen's newest unanswered message."""

    error: str
    message: str
    owner: str | None = None
    newest: str | None = None
