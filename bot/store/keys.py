"""Defines every Redis key and documents how long its content is kept.

prelude.py makes the key names available to Lua scripts; scripts/redis_tables.py lists them in docs/redis.md.
"""

from __future__ import annotations

from bot.store.key_families import Key, KeyFamily

BROADCAST_TTL_S = 7 * 24 * 3600  # longer than any notice runs; a notice ends within a day
SEEN_TTL_S = 2 * 24 * 3600  # Telegram keeps an undelivered update for 24 h
# After this time without events, a conversation leaves Redis, on the web perhaps earlier (`idle_s`, which comes from
# chat_sin_uso_horas of agency.yml); the record has its own retention period.
IDLE_TTL_S = 7 * 24 * 3600
LOG_LENGTH = 1000
SIGNALS_LENGTH = 2000
RESUMED_TURNS = 3
MAX_RATINGS_OF_AN_ANSWER = 20
MOVES_KEPT = 200
DUTY_KEPT = 300
UNANSWERED_KEPT = 200  # more than a citizen may send in 6 minutes
TICKETS_PER_SENDER = 8  # within TICKETS_WINDOW_S; people in a library or a school may share one address
TICKETS_WINDOW_S = 3600  # also how long a conversation keeps the mark of its network
PACE_TTL_S = 4 * 24 * 3600  # longer than a weekend with a holiday
DECIDED_TTL_S = 3600
RECOVERY_TTL_S = 3600
LOST_TTL_S = 300
PRESENCE_TTL_S = 8 * 3600
UNHEARD_LEASE_S = 20
UNHEARD_AT_ONCE = 50  # turns that one request adds to Rasa's tracker
THROTTLE_TTL_S = 24 * 3600

WORKERS = "workers"
RECORDER = "recorder"
SENDERS = "senders"

conversation_key = KeyFamily(
    "v:conv:<conversation>",
    "hash",
    "a conversation: `channel`, `speaker`, `ticket`, `welcomed`; `queued`: id of its entry in the work queue, or 0; "
    "`buttons`: JSON of the buttons offered last; `known`: JSON of the facts known about the citizen (`idioma`, "
    "`comuna`, dimensions); `idle_s`: after how many seconds without events it expires on the web; "
    "`form`, `complaint`: JSON of the dialogue about a call-back or a complaint; `to_explain`: receipt of the privacy "
    "request that the citizen was asked to explain; `callback`: ticket of the call-back that the citizen asked for; "
    "`proposal`: id of the answer that waits for approval; "
    "`dialogue`: JSON of the last exchanges with the assistant, and the beginning of the question that the last entry "
    "answered, or a fragment that nothing answered, masked; `inbound_at`: when the citizen last wrote (ms); "
    "`answered`: time of the newest processed message of the citizen (ms), before which none waits for an agent; "
    "`noticed_at`: when the citizen last got a position; `rest_announced`: ticket whose citizen knows that an agent "
    "will read the rest; `priority_announced`: ticket whose citizen knows that they go first; `complaint_explained`: "
    "ticket whose citizen knows how to leave a complaint with a number; `reassured`: time of the newest message (ms) "
    "to which the citizen was replied that an answer takes time; `wrote_spanish`: 1 if the latest message was in "
    "Spanish, though the citizen's language is another one; `read_citizen`, `read_staff`: newest event that each has "
    "read; `replied_staff`: event id of an agent's last reply; `resumed`, `resumed_summary`, "
    "`resumed_for`: the last entry that an agent sent, the agent's summary, and for how many more "
    "turns both count; `dangers`: JSON of the dangers that the citizen described and when each was last answered, "
    "until an agent closes the ticket; `notified:<notice>`: the citizen got this public notice. On channels with a "
    "provider also `address` (encrypted); `sending`: id of its entry in the sending stream, `retry` or 0; and about "
    "the oldest unsent event `out_part`, `out_begun`, `out_attempt`, `out_tries`, `out_unsure`, `out_failed` (ms)",
    "after 7 days (on the web `idle_s`) without events; never while an answer, delivery or call-back is outstanding",
)
log_key = KeyFamily(
    "v:log:<conversation>",
    "stream",
    "event log: about the last 1,000 events of the conversation; browsers resume from their ids",
    "with the conversation",
)
inbox_key = KeyFamily(
    "v:inbox:<conversation>", "list", "citizens' messages not yet answered (JSON), oldest first", "when answered"
)
unanswered_key = KeyFamily(
    "v:unanswered:<conversation>",
    "list",
    "the citizen's messages since an agent last replied (JSON), oldest first, at most the newest 200",
    "when an agent replies or the assistant takes over again; else with the conversation",
)
unheard_key = KeyFamily(
    "v:unheard:<conversation>",
    "list",
    "turns that the answerer decided and that Rasa's tracker does not have yet (JSON), oldest first",
    "when added to the tracker; else with the conversation",
)
UNHEARD = Key("v:unheard", "sorted set", "conversations with such turns; score = when the last one was (ms)")
sender_key = KeyFamily(
    "v:sender:<conversation>", "string", "HMAC of the network of a web chat", "an hour after the citizen's last message"
)
ban_key = KeyFamily(
    "v:ban:<conversation>",
    "string",
    "the block of the conversation by staff: JSON of its `id`, `reason` and `until` (ms)",
    "when the block ends",
)
seen_key = KeyFamily("v:seen:<conversation>:<message>", "string", "event id of an accepted message", "2 days")
WORK = Key("v:work", "stream, group `workers`", "work queue: conversations with pending messages", "when released")
EVENTS = Key(
    "v:events",
    "stream, group `recorder`",
    "the events of all logs, for live pages and for the record",
    "when recorded and 10 minutes old",
)
SIGNALS = Key(
    "v:signals",
    "stream, short",
    "signals, which are shown live and not stored: typing, read, looking; new staff notices, a changed account",
    "after about 2,000 more",
)
broadcast_key = KeyFamily(
    "v:broadcast:<broadcast>:<conversation>", "string", "marks that the broadcast was sent to the citizen", "7 days"
)
BROADCASTS_STOPPED = Key("v:broadcasts:stopped", "set", "broadcasts that must not be sent", "when started again")
BROADCASTS_WITHDRAWN = Key(
    "v:broadcasts:withdrawn", "list of JSON", "broadcasts' messages that were not sent, to be recorded", "when recorded"
)
NOTICES_OFF = Key(
    "v:notices:off",
    "set",
    "conversations whose citizen wrote «baja»",
    "when the citizen writes «alta»",
)
queue_key = KeyFamily(
    "v:queue:<team>", "sorted set", "tickets that wait for the team; score = rank, then the time of opening"
)
QUEUES = Key("v:queues", "set", "teams that ever had a queue")
CLAIMED = Key("v:claimed", "set", "tickets that an agent has claimed")
SNOOZED = Key("v:snoozed", "sorted set", "snoozed tickets; score = end of the snooze (ms)")
CALLBACKS = Key("v:callbacks", "sorted set", "tickets that are call-backs; score = when due (ms)")
ticket_key = KeyFamily(
    "v:ticket:<ticket>",
    "hash",
    "a ticket; `state`: waiting, claimed, snoozed, callback (these four name the key that lists it) or closed; "
    "`same_sender`: first ticket of the same network within an hour; `crowded`: 1 if it had too many by then; "
    "`reopened`: 1 if staff did and owe no first reply; `snooze_ms`: how long a snooze lasts from the last reply on",
    "7 days after its closing",
)
TICKET_SEQ = Key("v:ticket:seq", "counter", "the last ticket number")
agent_key = KeyFamily(
    "v:agent:<staff>",
    "hash",
    "a present agent: `name`, `presence`, `teams` and `languages` (JSON), `capacity`, `given_at`",
    "after `mesa.senal_perdida_s` without a heartbeat",
)
AGENTS = Key("v:agents", "set", "agents who were ever present")
presence_key = KeyFamily(
    "v:presence:<staff>",
    "string",
    "`busy` or `away`, what the agent still is when their browser is back",
    "8 hours after the last heartbeat, or when the agent becomes available",
)
lost_key = KeyFamily(
    "v:lost:<staff>",
    "set",
    "tickets that the agent had and that went back to a queue",
    "5 minutes after the last, or when the agent becomes available",
)
staff_notices_key = KeyFamily(
    "v:staff:notices:<staff>",
    "hash",
    "unread notices to the agent: id → JSON of `kind`, `ticket`, `conversation`, `by`, `to`, `text`, `at`, `page`",
    "when read, withdrawn or replaced, or 7 days after the last",
)
entry_open_key = KeyFamily("v:entry:open:<entry>", "hash", "who edits it: account → JSON of name and time", "45 s")
vanished_key = KeyFamily(
    "v:vanished:<staff>", "string", "marks that one of those tickets went back because the agent was gone", "as above"
)
approval_key = KeyFamily(
    "v:approval:<approval>",
    "hash",
    "an answer that waits for approval: `conversation`, `channel`, `team` of its entry, the citizen's `words`, "
    "`events` (JSON), `due`; once decided, `decision` and `by`",
    "an hour after the decision",
)
APPROVALS = Key("v:approvals", "sorted set", "undecided answers; score = when they are sent without a decision (ms)")
ALARMS = Key("v:alarms", "sorted set", "emergencies with an alarm by e-mail or SMS; score = when due (ms)")
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
    "v:recovery:<recovery>",
    "string",
    "marks that this recovery began after Redis was last lost, so it may set `v:restored`",
    "an hour",
)
RESTORED = Key(
    "v:restored", "string", "marks that Redis has every open ticket of the record; missing in a new or lost Redis"
)
outbox_key = KeyFamily(
    "v:outbox:<conversation>",
    "list",
    "events not yet sent (JSON), oldest first; only on channels with a provider",
    "when sent or given up",
)
sending_key = KeyFamily(
    "v:sending:<channel>", "stream, group `senders`", "conversations of the channel with unsent events", "when released"
)
retry_key = KeyFamily(
    "v:retry:<channel>", "sorted set", "conversations to which sending is retried; score = when (ms)", "when retried"
)
pace_key = KeyFamily(
    "v:pace:<name>",
    "string",
    "when the next message of a channel, or of one of its conversations, may be sent (ms)",
    "by itself",
)
pause_key = KeyFamily(
    "v:pause:<channel>",
    "string",
    "marks that the channel is paused; its value is the length of the pause in ms",
    "by itself",
)
delivery_key = KeyFamily(
    "v:delivery:<conversation>",
    "hash",
    "delivery of each sent event: event id → JSON of `state`, `reason`, `sent` (the provider's ids)",
    "with the conversation",
)
sent_key = KeyFamily(
    "v:sent:<channel>:<id>", "string", "the conversation and the event ids that a provider's message carries", "7 days"
)
lease_key = KeyFamily(
    "v:lease:<name>",
    "string",
    "the process that holds the lease on work for one process at a time",
    "the lease's duration: seconds, or a day",
)
PUBLIC_NOTICES = Key(
    "v:public-notices", "string", "the running and planned public notices (JSON), copied from the record"
)
PUBLIC_NOTICES_CHANGED = Key(
    "v:public-notices:changed",
    "stream, short",
    "an entry for each change, so that every process rereads the notices at once",
)
NOTICE_READERS = Key(
    "v:public-notices:readers",
    "hash",
    "processes that read the notices → when each last did (ms)",
    "an hour after the process stopped",
)
notice_reader_key = KeyFamily(
    "v:public-notices:reader:<process>",
    "string",
    "JSON of a process that reads the notices: its `name` and `channels`, the `version` it shows, since when (`at`)",
    "10 seconds",
)
ROLLOUT = Key("v:rollout", "hash", "step of each channel's roll-out, and the access code")
ROLLOUT_STAFF = Key("v:rollout:staff", "set", "conversations admitted by the access code")
ERASURES = Key(
    "v:erasures", "hash", "conversations whose erasure the citizen confirmed → receipt and time (ms)", "when erased"
)
REWRITES_DUE = Key(
    "v:rewrites-due",
    "set",
    "how many rewrites of its file the server had begun when values were deleted: a later one is due",
    "when a later one has succeeded",
)
WORDS_MASTERS = Key(
    "v:words:masters",
    "set",
    "ids of the keys with which words of people were encrypted",
    "never; it grows by one id for each secret",
)
WORDS_LOST = Key("v:words:lost", "set", "ids of those keys that the operator gave up; their words are read as ''")
throttle_key = KeyFamily(
    "v:throttle:<bucket>",
    "hash",
    "`count` of failed sign-ins, and `until`, before which (ms) no attempt is allowed",
    "a day after the last failure",
)
uses_key = KeyFamily(
    "v:uses:<name>",
    "hash",
    "a rate limit: `used` in the current window, the `last` moment (ms), `id:<id>` of what counts once, `first` ticket",
    "at the end of the window",
)
ASIDE = Key("v:tickets:aside", "hash", "unreadable tickets → when the record was read for them (ms); 0: not yet")
aside_key = KeyFamily("v:ticket:aside:<ticket>", "any", "a ticket that cannot be read, as it was found", "7 days")
once_key = KeyFamily(
    "v:once:<name>", "string", "a mark: this was done and may not be done again", "10 minutes to 7 days"
)


def catalogue() -> list[Key | KeyFamily]:
    """Returns every Key and KeyFamily of this module, in the order of definition."""
    return [value for value in globals().values() if isinstance(value, Key | KeyFamily)]
