"""Defines every Redis key and documents how long its content is kept.

prelude.py makes the key names available to Lua scripts; scripts/redis_tables.py lists them in docs/redis.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property


class Key(str):
    """The name of a Redis key, with documentation: its Redis type, its content, and when it expires ('' for never)."""

    kind: str
    holds: str
    ends: str

    def __new__(cls, name: str, kind: str, holds: str, ends: str = "") -> Key:
        key = super().__new__(cls, name)
        key.kind, key.holds, key.ends = kind, holds, ends
        return key


@dataclass(frozen=True)
class KeyFamily:
    """A pattern of Redis keys; calling it fills the placeholders.

    For ``v:ticket:<ticket>``, "7" gives ``v:ticket:7``.
    """

    pattern: str
    kind: str
    holds: str
    ends: str = ""

    @cached_property
    def parameters(self) -> list[str]:
        """Returns the names of the pattern's placeholders, in order."""
        return re.findall(r"<(\w+)>", self.pattern)

    @cached_property
    def pieces(self) -> list[str]:
        """Returns the text around the placeholders: one piece more than there are placeholders."""
        return re.split(r"<\w+>", self.pattern)

    def __call__(self, *parts: str) -> str:
        return "".join(piece + part for piece, part in zip(self.pieces, (*parts, ""), strict=True))


BROADCAST_TTL_S = 7 * 24 * 3600  # a notice ends within a day
SEEN_TTL_S = 2 * 24 * 3600  # Telegram keeps an undelivered update for 24 h
IDLE_TTL_S = 7 * 24 * 3600  # an idle conversation leaves Redis; the record has its own retention period
LOG_LENGTH = 1000
SIGNALS_LENGTH = 2000
RESUMED_TURNS = 3
MAX_RATINGS_OF_AN_ANSWER = 20
MOVES_KEPT = 200
DUTY_KEPT = 300
UNANSWERED_KEPT = 20
TICKETS_PER_SENDER = 8  # in TICKETS_WINDOW_S; people in a library or a school may share one address
TICKETS_WINDOW_S = 3600
PACE_TTL_S = 4 * 24 * 3600  # a weekend with a holiday
DECIDED_TTL_S = 3600
RECOVERY_TTL_S = 3600
LOST_TTL_S = 300
UNHEARD_LEASE_S = 20
THROTTLE_TTL_S = 24 * 3600

WORKERS = "workers"
RECORDER = "recorder"
SENDERS = "senders"

conversation_key = KeyFamily(
    "v:conv:<conversation>",
    "hash",
    "a conversation: `channel`, `speaker`, `ticket`, `welcomed`; `queued`: id of its entry in the "
    "work queue, or 0; `buttons`: JSON of the last offer; `known`: "
    "JSON of what is known of the citizen (`idioma`, `comuna`, what they said of themselves); `form`: JSON of the "
    "dialogue about a call-back; `callback`: ticket of the call they asked for; `proposal`: answer that waits for "
    "approval; `dialogue`: JSON of the last exchanges with the assistant; "
    "`inbound_at`: ms of their last message; `answered`: ms of the newest message that a turn took from the "
    "inbox, nothing before it being left to a person; "
    "`noticed_at`: when the position was last told; `reassured`: ms of the newest message that was told that "
    "the record is away; `wrote_spanish`: 1 when they wrote in another language, and lately Spanish; `read_citizen`, "
    "`read_staff`: how far each has read; `replied_staff`: id of a person's last words; `resumed`, `resumed_summary`, "
    "`resumed_for`: entry that a person answered with, what they summed up, and for how many more turns; `dangers`: "
    "JSON of the dangers they told of, and when each was last answered, until a person closes the ticket; "
    "`told:<notice>`: they were told this public notice; `sender`: HMAC of the network of a web chat. Of channels "
    "that must be called also `address` (sealed), `sending`: id of its entry in the "
    "sending stream, `retry` or 0, and of the oldest unsent event "
    "`out_part`, `out_begun`, `out_attempt`, `out_tries`, `out_unsure`, `out_failed` (ms)",
    "7 days idle; never while somebody is to answer, send or call",
)
log_key = KeyFamily(
    "v:log:<conversation>",
    "stream",
    "event log: everything said, about the last 1,000 events; browsers resume from its ids",
    "with the conversation",
)
inbox_key = KeyFamily(
    "v:inbox:<conversation>", "list", "citizens' messages not yet answered (JSON), oldest first", "when answered"
)
unanswered_key = KeyFamily(
    "v:unanswered:<conversation>",
    "list",
    "what the citizen wrote to an agent since the last reply (JSON), oldest first, at most the newest 20",
    "when an agent replies or the assistant goes on; else with the conversation",
)
unheard_key = KeyFamily(
    "v:unheard:<conversation>",
    "list",
    "turns that the answerer decided and that Rasa's tracker does not have yet (JSON), oldest first",
    "when Rasa is told; else with the conversation",
)
UNHEARD = Key("v:unheard", "sorted set", "conversations with such turns; score = when the last one was (ms)")
ban_key = KeyFamily(
    "v:ban:<conversation>",
    "string",
    "that staff blocked the conversation: JSON of its `id`, `reason` and `until` (ms)",
    "when the block ends",
)
seen_key = KeyFamily("v:seen:<conversation>:<message>", "string", "event id of an accepted message", "2 days")
WORK = Key("v:work", "stream, group `workers`", "work queue: conversations with an inbox", "when let go")
EVENTS = Key(
    "v:events",
    "stream, group `recorder`",
    "the events of every log together, for live pages and for the record",
    "recorded and 10 minutes old",
)
SIGNALS = Key(
    "v:signals", "stream, short", "what is shown live and kept nowhere: typing, read", "after about 2,000 more"
)
broadcast_key = KeyFamily(
    "v:broadcast:<broadcast>:<conversation>", "string", "that the broadcast was sent to the citizen", "7 days"
)
NOTICES_OFF = Key(
    "v:notices:off", "set", "conversations whose citizen wrote «baja»; kept nowhere else", "when they write «alta»"
)
queue_key = KeyFamily(
    "v:queue:<team>", "sorted set", "tickets that wait for the team; score = rank, then the moment of opening"
)
QUEUES = Key("v:queues", "set", "teams that ever had a queue")
CLAIMED = Key("v:claimed", "set", "tickets that a person has")
SNOOZED = Key(
    "v:snoozed", "sorted set", "tickets of a person that wait for the citizen's next words; score = until when (ms)"
)
CALLBACKS = Key("v:callbacks", "sorted set", "tickets of citizens who are to be called; score = when (ms)")
ticket_key = KeyFamily(
    "v:ticket:<ticket>",
    "hash",
    "a ticket; `state` (waiting, claimed, snoozed, callback, closed) says in which of these four places it is; "
    "`sender`, `crowded`: the network it came from, and that too many came from there within an hour",
    "7 days after its end",
)
TICKET_SEQ = Key("v:ticket:seq", "counter", "ticket numbers")
agent_key = KeyFamily(
    "v:agent:<staff>",
    "hash",
    "an agent who is there: `name`, `presence`, `teams` and `languages` (JSON), `capacity`, `given_at`",
    "without a heartbeat for `mesa.senal_perdida_s`",
)
AGENTS = Key("v:agents", "set", "agents who ever were there")
lost_key = KeyFamily(
    "v:lost:<staff>",
    "set",
    "tickets that the agent had and that went back to a queue",
    "5 minutes after the last, or when they say that they are available",
)
staff_notices_key = KeyFamily(
    "v:staff:notices:<staff>",
    "hash",
    "what the agent is to be told: id → JSON of `kind`, `ticket`, `conversation`, `by`, `to`, `text`, `at`",
    "when they have read it, or 7 days after the last",
)
vanished_key = KeyFamily("v:vanished:<staff>", "string", "one of those went back since the agent was gone", "the same")
approval_key = KeyFamily(
    "v:approval:<approval>",
    "hash",
    "an answer that waits for approval: `conversation`, `channel`, `team` of its entry, `words` it answers, `events` "
    "(JSON), `due`; then `decision` and `by`",
    "an hour after the decision",
)
APPROVALS = Key("v:approvals", "sorted set", "undecided answers; score = when they go out by themselves (ms)")
ALARMS = Key("v:alarms", "sorted set", "emergencies of which a person is told by e-mail or SMS; score = when due (ms)")
moves_key = KeyFamily(
    "v:moves:<team>",
    "list",
    '"when rank step" of the last 200 tickets that left the queue (step -1) or entered it before its end (step 1)',
    "4 days",
)
duty_key = KeyFamily(
    "v:duty:<team>", "list", '"since until agents": how many agents were on duty, newest first', "4 days"
)
recovery_key = KeyFamily(
    "v:recovery:<recovery>", "string", "that recovery began in this store, so it may call it restored", "an hour"
)
RESTORED = Key(
    "v:restored", "string", "this store holds every open ticket of the record; missing when it is new or was lost"
)
outbox_key = KeyFamily(
    "v:outbox:<conversation>",
    "list",
    "events not yet sent (JSON), oldest first; only of channels that must be called",
    "when sent or given up",
)
sending_key = KeyFamily(
    "v:sending:<channel>",
    "stream, group `senders`",
    "conversations of the channel with something to send",
    "when let go",
)
retry_key = KeyFamily(
    "v:retry:<channel>", "sorted set", "conversations to be sent to again; score = when (ms)", "when tried"
)
pace_key = KeyFamily(
    "v:pace:<name>",
    "string",
    "when the next message of a channel, or of one of its conversations, may go out (ms)",
    "by itself",
)
pause_key = KeyFamily(
    "v:pause:<channel>", "string", "nothing is sent through the channel; for how many ms", "by itself"
)
delivery_key = KeyFamily(
    "v:delivery:<conversation>",
    "hash",
    "what became of each event that was sent: event id → JSON of `state`, `reason`, `sent` (the provider's ids)",
    "with the conversation",
)
sent_key = KeyFamily(
    "v:sent:<channel>:<id>", "string", "conversation and event ids that the provider's message says", "7 days"
)
lease_key = KeyFamily(
    "v:lease:<name>", "string", "which process does work that one does at a time", "a minute; of daily work, a day"
)
PUBLIC_NOTICES = Key(
    "v:public-notices", "string", "the public notices that run now or later (JSON), written from the record"
)
PUBLIC_NOTICES_CHANGED = Key(
    "v:public-notices:changed", "stream, short", "an entry for each change, so that every process reads them at once"
)
NOTICE_READERS = Key(
    "v:public-notices:readers", "hash", "processes that read them → when each last did (ms)", "an hour after it stopped"
)
notice_reader_key = KeyFamily(
    "v:public-notices:reader:<process>",
    "string",
    "JSON of a process that reads them: its `name`, its `channels`, the `version` it shows, and since when (`at`, ms)",
    "10 seconds",
)
ROLLOUT = Key("v:rollout", "hash", "step of each channel's roll-out, and the code")
ROLLOUT_STAFF = Key("v:rollout:staff", "set", "conversations let in by the code")
ERASURES = Key(
    "v:erasures", "hash", "conversations that their citizens want erased → receipt and when (ms)", "when erased"
)
throttle_key = KeyFamily(
    "v:throttle:<bucket>",
    "hash",
    "`count` of failed sign-ins, and `until` when (ms) none is let through",
    "a day without any",
)
limit_key = KeyFamily("v:limit:<name>", "counter", "uses of what is limited", "its window")


def catalogue() -> list[Key | KeyFamily]:
    """Returns every Key and KeyFamily of this module, in the order of definition."""
    return [value for value in globals().values() if isinstance(value, Key | KeyFamily)]
