"""Describes the desk's JSON; scripts/front_types.py generates TypeScript types from these models.

bot/desk/views builds tickets, events and notices as these models. bot/desk/api builds the other JSON itself;
tests/integration/test_desk_shapes.py checks it against these models.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.core.event_facts import TicketState
from bot.core.messages import Author, Channel, HandoffReason, Priority
from bot.tickets.presence import Presence
from bot.tickets.staff_notices import NoticeKind


class Shape(BaseModel):
    """The base of all shapes: unknown fields are rejected; times are in milliseconds since 1970."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def to_data(self) -> dict[str, Any]:
        """Converts the shape to JSON's types; omits fields that have their default value."""
        return self.model_dump(mode="json", exclude_defaults=True)


class Owner(Shape):
    """The agent who owns a ticket; ``me`` is true if that agent is the viewer."""

    name: str
    me: bool


class LastWords(Shape):
    """The newest message of a conversation."""

    id: str
    author: Author
    text: str
    at: int


class ConsideredEntry(Shape):
    """An entry that the assistant considered as the answer."""

    entry: str
    question: str
    percent: int


class FileLimits(Shape):
    """The limits for files in a reply: the maximum size, in bytes, of a picture and of a document.

    ``hindrance`` is the Spanish text that says why no file can be sent, or ''.
    """

    picture: int
    document: int
    hindrance: str


class ReplyWindow(Shape):
    """A ticket's reply window, which restarts with each message from the citizen (WhatsApp: 24 hours).

    ``lasts`` is its full length in ms. Once the window has closed, the desk shows the hint ``after``, and, if
    ``previews`` is true, how a reply will look in the approved template.
    """

    open_until: int
    lasts: int
    after: str
    previews: bool


class KnownFact(Shape):
    """A fact known about the citizen, such as the commune, with its Spanish label."""

    label: str
    words: str


class Danger(Shape):
    """The mark on a ticket whose citizen described a danger; ``sure`` is false if the danger is only possible.

    ``denied`` is true if the citizen says that there is no emergency. ``protocol`` lists the agent's steps, ``numbers``
    the telephone numbers to call.
    """

    words: str
    sure: bool
    denied: bool
    protocol: list[str]
    numbers: list[str]


class Ticket(Shape):
    """A ticket as the list and the open conversation show it.

    ``nickname`` stands for the citizen, whose name is unknown; ``matter`` is the citizen's latest substantive message,
    ``summary`` the last text before the handoff, ``topic`` the likely question. The queue is sorted by ``rank``, lowest
    first. ``by_phone`` marks a call-back, ``returned`` a ticket that was put back. ``unanswered`` counts the citizen's
    messages since staff last wrote; ``unanswered_since`` is 0 if no answer is owed. ``language`` is '' for Spanish, or
    if ``reason_words`` names it.
    """

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
    nickname: str
    matter: str
    summary: str
    topic: str
    candidates: list[ConsideredEntry]
    last: LastWords | None
    unanswered: int
    files: FileLimits
    window: ReplyWindow | None
    language: str
    known: list[KnownFact]
    danger: Danger | None


class SourceLink(Shape):
    """The official page on which an answer is based."""

    title: str
    url: str


class Provenance(Shape):
    """The entry and version behind an answer, and the assistant's confidence.

    ``reviewed`` is the day of the entry's last confirmation; ``approved_by`` is '' if no agent approved the answer.
    """

    entry: str
    version: str
    question: str
    responsible: str
    reviewed: str
    approved_by: str
    percent: int


class AttachedThing(Shape):
    """A file or a location; ``url`` is '' if it cannot be fetched. ``picture`` is '' if it is not a photo."""

    words: str
    url: str
    picture: str


class TranscriptEvent(Shape):
    """An event of the transcript; ``html`` is present only for our own Markdown, and is sanitized.

    ``buttons`` are the titles of the buttons offered; ``reply_id`` is '' unless staff replied. ``edited`` is true if
    the message corrects an earlier message. ``owner_name`` and ``why`` belong to changes.
    """

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
    score: int | None = Field(default=None, description="The citizen's rating, 1 to 5; only on ratings.")
    reason_words: str | None = Field(default=None, description="Why a person was asked for; only on changes.")
    priority: str | None = Field(default=None, description="The ticket's priority; only on changes.")
    owner_name: str | None = None
    why: str | None = None
    provenance: Provenance | None = None
    source: SourceLink | None = None
    attached: list[AttachedThing] = []
    words: str = Field(default="", description="What happened, as the desk shows it; only on changes.")
    edited: bool = False
    matter: bool = Field(default=False, description="Whether a citizen's message says what they want.")
    removed_by: str = Field(default="", description="Name of the person who removed the message.")
    removed_at: int = 0
    removes: str = Field(default="", description="The id of the message that this event removes.")


class FaqProblem(Shape):
    """An error in an FAQ file; ``message`` says what is wrong and ``fix`` what to do, in Spanish."""

    file: str
    line: int
    field: str
    message: str
    fix: str


class Board(Shape):
    """The ticket list of the desk.

    ``waiting`` contains the first waiting tickets that match the filters; ``behind`` contains the ids of the others, in
    no order. ``total`` is the number of tickets that wait for the agent's teams, regardless of the filters.
    ``mine`` and ``others`` are the claimed and snoozed tickets of this agent and of others. ``staff`` and ``rights``
    are those of PageFacts.
    """

    staff: str
    rights: str
    csrf: str
    now: int
    problems: list[FaqProblem]
    waiting: list[Ticket]
    behind: list[str]
    total: int
    mine: list[Ticket]
    others: list[Ticket]


class Transcript(Shape):
    """A ticket with the events after a given id; ``read`` is the id of the newest event that the citizen has seen."""

    ticket: Ticket
    events: list[TranscriptEvent]
    read: str


class ReopenAnswer(Shape):
    """The response to reopening: the id of the new ticket."""

    ticket: str


class TicketAnswer(Shape):
    """The response to a change of a ticket; ``ticket`` is null if it is closed or hidden from the agent."""

    ticket: Ticket | None


class EventAnswer(Shape):
    """The response to a request that adds an event: the id of the new event."""

    id: str


class PastContact(Shape):
    """An earlier ticket of the same citizen, opened at ``at``; ``name`` is its agent's name, '' if nobody claimed it.

    ``topic`` and ``summary`` are '' without a closing note.
    """

    at: int
    reason_words: str
    outcome_words: str
    topic: str
    name: str
    summary: str


class Card(Shape):
    """A citizen's history next to the open ticket: time of the first message, and earlier tickets, newest first.

    ``first_seen`` is null if the time is unknown.
    """

    first_seen: int | None
    contacts: list[PastContact]


class Day(Shape):
    """The signed-in agent's own statistics since midnight.

    ``taken`` and ``closed`` count tickets, ``opinions`` ratings. ``first_answer_s`` is the median time from claim to
    first answer in seconds, ``mean`` the mean rating; both are null without data.
    """

    taken: int
    closed: int
    first_answer_s: int | None
    opinions: int
    mean: float | None


class Delivery(Shape):
    """The delivery state of a message; ``again`` is true if a retry may succeed."""

    state: Literal["sending", "sent", "delivered", "read", "failed"]
    words: str
    again: bool


class Deliveries(Shape):
    """Delivery states, keyed by event id."""

    deliveries: dict[str, Delivery]


class SnippetPiece(Shape):
    """A piece of a snippet; ``hit`` is true for words that match the search."""

    text: str
    hit: bool


class FoundConversation(Shape):
    """An episode of a conversation that matches the search; ``event`` is the id of the matching message, or ''.

    ``ticket`` is the episode's ticket, '' if the citizen talked only to the assistant; ``agent`` is its owner's name,
    ``open`` whether it is open. ``pieces`` are the snippet.
    """

    conversation: str
    event: str
    channel: Channel
    channel_words: str
    nickname: str
    ticket: str
    team_words: str
    agent: str
    outcome_words: str
    open: bool
    at: int
    author: Author
    pieces: list[SnippetPiece]


class SearchAnswer(Shape):
    """The conversations found, newest first."""

    found: list[FoundConversation]


class PastConversation(Shape):
    """A recorded conversation; ``ticket`` is the id of its open ticket, or ''.

    ``closed`` is the id of the ticket that can be reopened, or ''; ``closed_words`` describes its end.
    """

    channel_words: str
    nickname: str
    ticket: str
    closed: str
    closed_words: str
    events: list[TranscriptEvent]


class PendingApproval(Shape):
    """An answer that waits for an agent's approval until ``due``, when it is sent without approval.

    ``words`` is the citizen's text, ``html`` the answer; ``questions`` are the answering entries' questions, with their
    confidence.
    """

    id: str
    conversation: str
    channel: Channel
    channel_words: str
    words: str
    html: str
    questions: list[str]
    due: int


class PendingApprovals(Shape):
    """The pending approvals of this agent's teams, most urgent first."""

    now: int
    proposals: list[PendingApproval]


class FaqEntry(Shape):
    """An entry for the reply box; ``percent`` is the confidence if the entry is a suggestion.

    ``text`` is for editing, ``html`` is what the citizen sees if the entry is sent as it is, by its ``version``.
    """

    id: str
    version: str
    question: str
    text: str
    html: str
    source: SourceLink | None
    percent: int | None = None


class Entries(Shape):
    """Entries, best match first."""

    entries: list[FaqEntry]


class Questions(Shape):
    """Questions of FAQ entries: all, or those that a ticket may be about."""

    questions: list[str]


class CannedReply(Shape):
    """A canned reply; ``team`` is '' if it is for all teams."""

    shortcut: str
    text: str
    team: str


class CannedReplies(Shape):
    """The canned replies of all teams."""

    canned: list[CannedReply]


class Colleague(Shape):
    """An agent who is at the desk; ``load`` is the number of their claimed tickets."""

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
    """The agents and teams that a ticket can be transferred to."""

    agents: list[Colleague]
    teams: list[Team]


class TeamTicket(Shape):
    """A ticket of the live view; ``since`` is when the citizen began to wait, 0 if they are not waiting."""

    id: str
    nickname: str
    matter: str
    reason_words: str
    danger: Danger | None
    team_words: str
    state: TicketState
    since: int


class OnDuty(Shape):
    """An agent of the live view; ``presence`` is "gone" if the agent is not at the desk but still has tickets.

    ``load`` is the number of claimed tickets, ``closed`` the number of tickets closed today.
    """

    id: str
    name: str
    presence: Presence | Literal["gone"]
    teams: list[str]
    load: int
    capacity: int
    closed: int
    tickets: list[TeamTicket]


class TeamNow(Shape):
    """A team of the live view: its waiting tickets, its agents on duty, and the waiting times of today in seconds.

    ``oldest_at`` is when the oldest waiting ticket was opened; ``taken`` is the number of tickets claimed today, with
    the times until the claim in ``median_s`` and ``p90_s``, null if there are none.
    """

    id: str
    name: str
    waiting: int
    oldest_at: int | None
    on_duty: int
    taken: int
    median_s: int | None
    p90_s: int | None


class LiveView(Shape):
    """The live view of a supervisor's teams: unclaimed emergencies, the longest waits, agents and teams.

    ``waiting`` is the number of waiting tickets; ``oldest_at`` is when the oldest was opened, null if there is none.
    """

    now: int
    waiting: int
    oldest_at: int | None
    emergencies: list[TeamTicket]
    longest: list[TeamTicket]
    agents: list[OnDuty]
    teams: list[TeamNow]


class Emergencies(Shape):
    """The unclaimed emergencies of an agent's teams.

    ``tickets`` are their ids in the queue's order; ``words`` is the alert in Spanish, '' if there are none.
    """

    tickets: list[str]
    words: str


class PresenceAnswer(Shape):
    """This agent's presence; ``handed_over`` is the number of tickets returned to the queue, absent for a heartbeat."""

    presence: Presence
    handed_over: int | None = None


class PreviewAnswer(Shape):
    """A reply as the citizen will read it, or the ``problem`` that prevents sending or previewing it."""

    text: str
    problem: str


class TicketChange(Shape):
    """Live event: a ticket changed; ``ticket`` is null if it is closed or the agent may no longer see it.

    ``change`` is the kind of event, ``by`` the name of the ticket's owner and ``why`` the reason, each '' if there is
    none.
    """

    id: str
    change: str
    by: str
    why: str
    ticket: Ticket | None


class SaidMessage(Shape):
    """Live event: a new event of a transcript."""

    ticket: str
    conversation: str
    event: TranscriptEvent


class ProposalChange(Shape):
    """Live event: an answer awaits approval (``decision`` is '') or was decided."""

    id: str
    decision: str
    by: str


class TypingSignal(Shape):
    """Live event: the citizen of this ticket is typing; ``name`` is always ''."""

    ticket: str
    name: str


class LookingSignal(Shape):
    """Live event: another agent has this waiting ticket open."""

    ticket: str
    name: str


class ReadSignal(Shape):
    """Live event: the citizen of this ticket has read up to this event."""

    ticket: str
    event_id: str


class NewComplaint(Shape):
    """Live event: a citizen filed the complaint with this number; one of the agent's teams handles it."""

    number: str


class StaffNotice(Shape):
    """A notice for this agent, such as a note that names them or a new ticket; ``ticket`` and ``text`` may be ''.

    ``page`` is the path of the page where the agent can act on the notice, or ''.
    """

    id: str
    kind: NoticeKind
    ticket: str
    words: str
    text: str
    at: int
    page: str


class NamedColleague(Shape):
    """An account that a note may mention, or by which a search is filtered."""

    id: str
    name: str


class NamedColleagues(Shape):
    """The other accounts that may see a ticket, or all accounts of the desk to filter a search."""

    colleagues: list[NamedColleague]


class LiveEvents(Shape):
    """The data of each live event, keyed by the event's name."""

    ready: dict[str, str]
    ticket: TicketChange
    message: SaidMessage
    proposal: ProposalChange
    notices: list[StaffNotice]
    complaint: NewComplaint
    looking: LookingSignal
    typing: TypingSignal
    read: ReadSignal
    problems: list[FaqProblem]
    signed_out: dict[str, str]


class PageFacts(Shape):
    """The JSON data embedded in the desk's pages (bot/desk/pages/facts.py).

    ``staff`` and ``me`` are the account's id and name; ``draft_key`` encrypts what the desk keeps in the tab, in
    hexadecimal digits ('' on pages that keep nothing). ``rights`` differs once the account may see or do other things.
    A session without activity ends after ``idle_minutes``.
    ``max_reply`` is the maximum length of a reply; ``reassign`` says whether the account may reassign tickets.
    """

    csrf: str
    staff: str
    rights: str
    draft_key: str
    me: str
    idle_minutes: float
    max_reply: int
    channel_limits: Annotated[dict[str, int], Field(description="Maximum characters of one message, by channel.")]
    reassign: bool
    default_team: str
    texts: dict[str, str]


class Refusal(Shape):
    """The response to a refused request.

    ``owner`` is the name of the agent who acted first; ``newest`` is the id of the newest unanswered message.
    """

    error: str
    message: str
    owner: str | None = None
    newest: str | None = None
