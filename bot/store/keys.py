"""Every Redis key and every script, in one file. Called by the modules of this folder, nobody else.

Keys (``c`` is a conversation, ``t`` a ticket):

- ``v:conv:c``   hash: channel, speaker, ticket, welcomed, queued, buttons (JSON of the last offer), noticed_at,
  inbound_at (ms of the citizen's last message), known (JSON of what is known of the citizen: idioma, comuna, what they
  said of themselves), form (JSON of how far the dialogue about a call-back is), callback (ticket of the call asked
  for), read_citizen and read_staff (how far each has read), replied_staff (feed id of a person's last words), proposal
  (see below), answered (ms of the newest message that a commit took off the mail), reassured (ms of the newest message
  to which was said that the record is away), wrote_spanish (1: they wrote in another language, and lately Spanish);
  for channels that must be called also address (sealed), sending (1 while the conversation is with the senders), and
  of the outbox's oldest event: out_part, out_begun, out_tries
  ``resumed``: a person attended: the entry that they answered with last or closed about, or ''; until the assistant
  answers; ``resumed_summary``: what they summed up; both for ``resumed_for`` more turns of the assistant
- ``v:mail:c``   list: citizens' messages not yet answered (JSON), oldest first
- ``v:feed:c``   stream: everything said in the conversation; its ids are what browsers resume from
- ``v:seen:c:m`` string: feed id of an accepted message, so that a repeat is dropped
- ``v:ready``    stream: conversations with mail, read by the group ``workers``
- ``v:out:c``    list: events not yet sent (JSON), oldest first; only for conversations with an address
- ``v:sending:h`` stream: conversations of channel h with something to send, read by the group ``senders``
- ``v:later:h``  sorted set: conversations of channel h to be tried again; score = when, in ms
- ``v:pace:k``   string: when the next message of channel or conversation k may go out, in ms
- ``v:pause:h``  string with expiry: nothing is sent through channel h
- ``v:delivery:c`` hash: feed id -> JSON {state, reason, sent: [provider's ids]}
- ``v:sent:h:i`` string: "conversation feed-id,feed-id" of what the provider's message i said
- ``v:lease:n``  string with expiry: which process does the one-at-a-time work n
- ``v:notices:off`` set: conversations whose citizen refused what is sent unasked
- ``v:events``   stream: every feed's events together, for live pages and for the record (group ``recorder``)
- ``v:signals``  stream, short: what is told live and kept nowhere (somebody types, has read)
- ``v:rollout``  hash: channel -> step of its roll-out, code; ``v:rollout:staff`` set: conversations let in by the code
- ``v:line:g``   sorted set: tickets that wait for team g, score = rank then the moment of opening; ``v:lines`` set: the
  teams that ever had one
- ``v:claimed``  set: tickets that a person has
- ``v:snoozed``  sorted set: tickets of a person that wait for the citizen's next words; score = until when, in ms
- ``v:callbacks`` sorted set: tickets of citizens who are to be called; score = when, in ms
- ``v:ticket:t`` hash: one ticket; ``state`` (waiting, claimed, snoozed, callback, closed) says in which of these
- ``v:agent:a``  hash with expiry: agent a is there: name, presence, teams and languages (JSON), capacity, given_at;
  ``v:agents`` set
- ``v:lost:a``   set with expiry: tickets that agent a had and that went back to a line; ``v:vanished:a`` string with
  expiry: one of them because the agent was gone
- ``v:proposal:p`` hash: an answer that waits for a person's OK: conversation, channel, team of its entry, words it
  answers, events (JSON), due; once decided also decision and by, for an hour; ``v:proposals`` sorted set: those
  undecided, score = due, in ms; ``proposal`` of ``v:conv:c`` names it meanwhile, and nothing else is answered there
- ``v:waits:g``  list: "when wait" (ms) of the tickets of team g claimed last
- ``v:rebuild:n`` string with expiry: rebuild n began in this store
- ``v:filled``   string: this store holds every open ticket of the record; missing when Redis was lost or is new
- ``v:limit:k``  counter of a rate limit
- ``v:attempts:k`` hash: count of failed attempts, until (ms) when the next is let through

A script is one atomic step: a process killed at any moment has either done all of it or nothing.
"""

from __future__ import annotations

from bot.core.messages import Channel, Priority
from bot.core.reply_window import FREE_MS

READY = "v:ready"
EVENTS = "v:events"
SIGNALS = "v:signals"
ROLLOUT = "v:rollout"
ROLLOUT_STAFF = "v:rollout:staff"
ONE_LINE = "v:line"  # of the releases before there was one for each team
LINES = "v:lines"
CLAIMED = "v:claimed"
SNOOZED = "v:snoozed"
CALLBACKS = "v:callbacks"
AGENTS = "v:agents"
PROPOSALS = "v:proposals"
FILLED = "v:filled"
WORKERS = "workers"
RECORDER = "recorder"
SENDERS = "senders"
NOTICES_OFF = "v:notices:off"

SEEN_TTL_S = 2 * 24 * 3600  # Telegram keeps an undelivered update 24 h
IDLE_TTL_S = 7 * 24 * 3600  # a conversation that nobody touches leaves Redis; the record keeps it for its own term
FEED_LENGTH = 1000
SIGNALS_LENGTH = 2000
RESUMED_TURNS = 3
WAITS_KEPT = 20
WAITS_TTL_S = 4 * 3600
DECIDED_TTL_S = 3600
REBUILD_TTL_S = 3600
LOST_TTL_S = 300


def conversation_key(conversation: str) -> str:
    return f"v:conv:{conversation}"


def mail_key(conversation: str) -> str:
    return f"v:mail:{conversation}"


def feed_key(conversation: str) -> str:
    return f"v:feed:{conversation}"


def ticket_key(ticket: str) -> str:
    return f"v:ticket:{ticket}"


def line_key(team: str) -> str:
    return f"v:line:{team}"


def agent_key(staff: str) -> str:
    return f"v:agent:{staff}"


def rebuild_key(name: str) -> str:
    return f"v:rebuild:{name}"


def proposal_key(proposal: str) -> str:
    return f"v:proposal:{proposal}"


def waits_key(team: str) -> str:
    return f"v:waits:{team}"


def outbox_key(conversation: str) -> str:
    return f"v:out:{conversation}"


def sending_key(channel: str) -> str:
    return f"v:sending:{channel}"


def later_key(channel: str) -> str:
    return f"v:later:{channel}"


def pause_key(channel: str) -> str:
    return f"v:pause:{channel}"


def delivery_key(conversation: str) -> str:
    return f"v:delivery:{conversation}"


def sent_key(channel: str, sent_id: str) -> str:
    return f"v:sent:{channel}:{sent_id}"


def lease_key(name: str) -> str:
    return f"v:lease:{name}"


def attempts_key(lane: str) -> str:
    return f"v:attempts:{lane}"


def limit_key(name: str) -> str:
    return f"v:limit:{name}"


_RANKS = ", ".join(f"{priority.value} = {priority.rank}" for priority in Priority)

_SHARED = f"""
local RANKS = {{{_RANKS}}}

local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local function stay(c)
  local waiting = redis.call('HGET', 'v:conv:' .. c, 'speaker') ~= 'assistant'
    or redis.call('HEXISTS', 'v:conv:' .. c, 'callback') == 1
    or redis.call('LLEN', 'v:mail:' .. c) > 0
    or redis.call('LLEN', 'v:out:' .. c) > 0
  for _, key in ipairs({{'v:conv:' .. c, 'v:feed:' .. c, 'v:delivery:' .. c}}) do
    if waiting then redis.call('PERSIST', key) else redis.call('EXPIRE', key, {IDLE_TTL_S}) end
  end
end

local function post(c, channel, e)
  if redis.call('HEXISTS', 'v:conv:' .. c, 'address') == 0 then return end
  redis.call('RPUSH', 'v:out:' .. c, cjson.encode(e))
  if redis.call('HGET', 'v:conv:' .. c, 'sending') ~= '1' then
    redis.call('HSET', 'v:conv:' .. c, 'sending', 1)
    redis.call('XADD', 'v:sending:' .. channel, '*', 'conversation', c)
  end
end

local function append(c, kind, author, text, data, secret)
  local at = now_ms()
  local f = redis.call('HMGET', 'v:conv:' .. c, 'channel', 'address', 'answered')
  local channel = f[1]
  local id = redis.call('XADD', 'v:feed:' .. c, 'MAXLEN', '~', {FEED_LENGTH}, '*',
    'kind', kind, 'author', author, 'text', text, 'data', data, 'at', at)
  local goes_on = string.sub(kind, 1, 7) == 'ticket_' or kind == 'proposal' or author == 'citizen'
    or redis.call('LLEN', 'v:mail:' .. c) > 0
  redis.call('XADD', 'v:events', '*', 'conversation', c, 'channel', channel, 'id', id,
    'kind', kind, 'author', author, 'text', text, 'data', data, 'at', at, 'address', goes_on and f[2] or '',
    'answered', f[3] or '', 'secret', secret or '')
  if kind == 'message' and author ~= 'citizen' then
    post(c, channel, {{id = id, kind = kind, author = author, text = text, data = data, at = at}})
  end
  stay(c)
  return id
end

local function create(c, channel, address)
  local created = redis.call('HSETNX', 'v:conv:' .. c, 'channel', channel)
  if address ~= '' then redis.call('HSET', 'v:conv:' .. c, 'address', address) end
  if created == 1 then redis.call('HSET', 'v:conv:' .. c, 'speaker', 'assistant', 'welcomed', 0, 'queued', 0) end
  return created
end

local function is_earlier(id, other)
  local ms, n = string.match(id, '^(%d+)-(%d+)$')
  local other_ms, other_n = string.match(other, '^(%d+)-(%d+)$')
  if ms == other_ms then return tonumber(n) < tonumber(other_n) end
  return tonumber(ms) < tonumber(other_ms)
end

local function bring_feed(c, lines)
  local feed = 'v:feed:' .. c
  local since = redis.call('XRANGE', feed, '-', '+')
  redis.call('DEL', feed)
  for _, line in ipairs(lines) do
    if not since[1] or is_earlier(line[1], since[1][1]) then redis.call('XADD', feed, unpack(line)) end
  end
  for _, line in ipairs(since) do redis.call('XADD', feed, line[1], unpack(line[2])) end
end

local function bring_back(c, channel, address, lines, inbound_at, known)
  local conv = 'v:conv:' .. c
  create(c, channel, address)
  bring_feed(c, lines)
  for _, line in ipairs(lines) do
    if line[5] ~= 'citizen' then redis.call('HSET', conv, 'welcomed', 1) end
  end
  redis.call('HSETNX', conv, 'inbound_at', inbound_at)
  for name, value in pairs(cjson.decode(redis.call('HGET', conv, 'known') or '{{}}')) do known[name] = value end
  redis.call('HSET', conv, 'known', cjson.encode(known))
end

local function append_all(c, events)
  for _, e in ipairs(events) do append(c, e.kind, e.author, e.text, e.data) end
end

local function field(t, name)
  return redis.call('HGET', 'v:ticket:' .. t, name)
end

local function ticket_event(t, kind, told)
  local f = redis.call('HMGET', 'v:ticket:' .. t, 'conversation', 'reason', 'priority', 'team', 'candidates',
    'opened_at', 'owner_id', 'owner_name', 'outcome', 'state', 'returned', 'summary')
  local data = told or {{}}
  data.ticket = t
  data.reason = f[2]
  data.priority = f[3]
  data.team = f[4]
  data.opened_at = tonumber(f[6])
  data.state = f[10]
  data.candidates = cjson.decode(f[5])
  if #data.candidates == 0 then data.candidates = nil end
  if f[7] then data.owner_id = f[7]; data.owner_name = f[8] end
  if f[9] then data.outcome = f[9] end
  if f[11] then data.returned = true end
  if kind == 'ticket_opened' then data.summary = f[12] end
  append(f[1], kind, 'system', '', cjson.encode(data))
end

local function score(t)
  local f = redis.call('HMGET', 'v:ticket:' .. t, 'priority', 'opened_at', 'returned')
  local rank = RANKS[f[1]] or RANKS.normal
  if f[3] then rank = f[1] == 'emergency' and -0.5 or 0.5 end
  return rank * 1e13 + tonumber(f[2])
end

local function take_out(t)
  redis.call('ZREM', 'v:line:' .. field(t, 'team'), t)
  redis.call('SREM', 'v:claimed', t)
  redis.call('ZREM', 'v:snoozed', t)
  redis.call('ZREM', 'v:callbacks', t)
end

local function settle(t, state, moment)
  take_out(t)
  redis.call('HSET', 'v:ticket:' .. t, 'state', state)
  if state == 'waiting' then
    local team = field(t, 'team')
    redis.call('SADD', 'v:lines', team)
    redis.call('ZADD', 'v:line:' .. team, score(t), t)
  elseif state == 'claimed' then
    redis.call('SADD', 'v:claimed', t)
  else
    redis.call('ZADD', state == 'snoozed' and 'v:snoozed' or 'v:callbacks', moment, t)
  end
end

local function place(t)
  local rank = redis.call('ZRANK', 'v:line:' .. field(t, 'team'), t)
  return rank and rank + 1
end

local function in_window(c)
  local f = redis.call('HMGET', 'v:conv:' .. c, 'channel', 'inbound_at')
  return f[1] ~= '{Channel.WHATSAPP}' or now_ms() < tonumber(f[2] or 0) + {FREE_MS}
end

local function may_tell_unasked(c)
  return in_window(c) and redis.call('SISMEMBER', 'v:notices:off', c) == 0
end

local function tell(c, t, events, names)
  for name, value in pairs(names) do
    for _, e in ipairs(events) do
      e.text = string.gsub(e.text, '{{' .. name .. '}}', function() return tostring(value) end)
    end
  end
  append_all(c, events)
end

local function is_spoken_in(c, t)
  return redis.call('HGET', 'v:conv:' .. c, 'ticket') == t
end

local function speak(c, t, speaker)
  if not is_spoken_in(c, t) then return end
  redis.call('HSET', 'v:conv:' .. c, 'speaker', speaker)
  if speaker == 'staff' then redis.call('HDEL', 'v:conv:' .. c, 'buttons', 'form') end
end

local function resume(c, entry, summary)
  redis.call('HSET', 'v:conv:' .. c, 'resumed', entry, 'resumed_summary', summary, 'resumed_for', {RESUMED_TURNS})
end

local function answered_alone(c, events)
  for _, e in ipairs(events) do
    local answers = e.author == 'assistant' and cjson.decode(e.data).provenance
    if answers then redis.call('HDEL', 'v:conv:' .. c, 'resumed') end
  end
end

local function give_back(c, t)
  if redis.call('HGET', 'v:conv:' .. c, 'callback') == t then redis.call('HDEL', 'v:conv:' .. c, 'callback') end
  if not is_spoken_in(c, t) then return end
  redis.call('HSET', 'v:conv:' .. c, 'speaker', 'assistant')
  redis.call('HDEL', 'v:conv:' .. c, 'ticket')
  if field(t, 'replied') then resume(c, field(t, 'entry') or '', '') end
end

local function leave(t, outcome)
  take_out(t)
  redis.call('HSET', 'v:ticket:' .. t, 'state', 'closed', 'outcome', outcome)
  redis.call('EXPIRE', 'v:ticket:' .. t, {IDLE_TTL_S})
  give_back(field(t, 'conversation'), t)
end

local function call_back(t, due_ms)
  local c = field(t, 'conversation')
  redis.call('HDEL', 'v:ticket:' .. t, 'owner_id', 'owner_name', 'claimed_at', 'unanswered_since', 'returned')
  redis.call('HSET', 'v:ticket:' .. t, 'by_phone', 1)
  settle(t, 'callback', due_ms)
  give_back(c, t)
  redis.call('HSET', 'v:conv:' .. c, 'callback', t)
  ticket_event(t, 'ticket_callback', {{due_ms = due_ms}})
end

local function end_callback(c, outcome)
  local t = redis.call('HGET', 'v:conv:' .. c, 'callback')
  if not t then return end
  leave(t, outcome)
  ticket_event(t, 'ticket_closed')
end

local function judge(c, t, score, words)
  local ticket = 'v:ticket:' .. t
  local f = redis.call('HMGET', ticket, 'conversation', 'owner_id', 'outcome')
  if f[1] ~= c or not f[2] or not f[3] then return 0 end
  if redis.call('HSETNX', ticket, 'score', score) == 0 then return 0 end
  append(c, 'opinion', 'citizen', words, cjson.encode({{ticket = t, score = tonumber(score)}}))
  return 1
end

local function remark(c, t, words)
  local ticket = 'v:ticket:' .. t
  local f = redis.call('HMGET', ticket, 'conversation', 'score')
  if f[1] ~= c or not f[2] or redis.call('HSETNX', ticket, 'remarked', 1) == 0 then return end
  append(c, 'opinion', 'citizen', words, cjson.encode({{ticket = t, score = tonumber(f[2])}}))
end

local function owned(t, staff)
  local state = field(t, 'state')
  return (state == 'claimed' or state == 'snoozed') and field(t, 'owner_id') == staff
end

local function note_wait(t, now)
  if redis.call('HSETNX', 'v:ticket:' .. t, 'first_claimed_at', now) == 0 then return end
  local waits = 'v:waits:' .. field(t, 'team')
  redis.call('LPUSH', waits, now .. ' ' .. (now - field(t, 'opened_at')))
  redis.call('LTRIM', waits, 0, {WAITS_KEPT - 1})
  redis.call('EXPIRE', waits, {WAITS_TTL_S})
end

local function take(t, staff, name, events, told, teams)
  local c, now = field(t, 'conversation'), now_ms()
  if field(t, 'state') == 'waiting' and not field(t, 'by_phone') then note_wait(t, now) end
  settle(t, 'claimed')
  redis.call('HDEL', 'v:ticket:' .. t, 'returned')
  redis.call('HSET', 'v:ticket:' .. t, 'owner_id', staff, 'owner_name', name, 'claimed_at', now)
  if is_spoken_in(c, t) then redis.call('HSET', 'v:ticket:' .. t, 'unanswered_since', now) end
  speak(c, t, 'staff')
  ticket_event(t, 'ticket_claimed', told)
  if is_spoken_in(c, t) and in_window(c) then
    tell(c, t, events, {{nombre = name, equipo = teams and (teams[field(t, 'team')] or teams[''])}})
  end
end

local function to_line(t, team, head, events, told)
  local c, owner = field(t, 'conversation'), field(t, 'owner_id')
  take_out(t)
  if owner then
    redis.call('SADD', 'v:lost:' .. owner, t)
    redis.call('EXPIRE', 'v:lost:' .. owner, {LOST_TTL_S})
  end
  redis.call('HDEL', 'v:ticket:' .. t, 'owner_id', 'owner_name', 'claimed_at', 'unanswered_since', 'returned')
  if team ~= '' then redis.call('HSET', 'v:ticket:' .. t, 'team', team) end
  if head then redis.call('HSET', 'v:ticket:' .. t, 'returned', 1) end
  settle(t, 'waiting')
  speak(c, t, 'waiting')
  ticket_event(t, 'ticket_returned', told)
  if not is_spoken_in(c, t) then return end
  if #events == 0 or not may_tell_unasked(c) then return redis.call('HDEL', 'v:conv:' .. c, 'noticed_at') end
  tell(c, t, events, {{posicion = place(t)}})
  redis.call('HSET', 'v:conv:' .. c, 'noticed_at', now_ms())
end

local function first_in(team, fits)
  local line, ahead = 'v:line:' .. team, 0
  while true do
    local found = redis.call('ZRANGE', line, ahead, ahead, 'WITHSCORES')
    if not found[1] then return end
    if not field(found[1], 'conversation') then
      redis.call('ZREM', line, found[1])
    elseif fits and not fits(found[1]) then
      ahead = ahead + 1
    else
      return found[1], tonumber(found[2])
    end
  end
end

local function open_ticket(c, wanted)
  local t = tostring(redis.call('INCR', 'v:ticket:seq'))
  redis.call('HSET', 'v:ticket:' .. t, 'conversation', c, 'channel', redis.call('HGET', 'v:conv:' .. c, 'channel'),
    'reason', wanted.reason, 'priority', wanted.priority, 'team', wanted.team, 'candidates', wanted.candidates,
    'summary', wanted.summary, 'opened_at', now_ms())
  settle(t, 'waiting')
  redis.call('HSET', 'v:conv:' .. c, 'ticket', t, 'speaker', 'waiting')
  redis.call('HDEL', 'v:conv:' .. c, 'resumed', 'resumed_summary', 'resumed_for')
  return t
end

local function learn(c, told)
  local known, new = cjson.decode(redis.call('HGET', 'v:conv:' .. c, 'known') or '{{}}'), false
  for name, value in pairs(told) do
    new = new or known[name] ~= value
    known[name] = value
  end
  if not new then return end
  redis.call('HSET', 'v:conv:' .. c, 'known', cjson.encode(known))
  append(c, 'known', 'system', '', cjson.encode(known))
end

local function make_ready(c)
  if redis.call('HGET', 'v:conv:' .. c, 'queued') == '1' then return end
  redis.call('HSET', 'v:conv:' .. c, 'queued', 1)
  redis.call('XADD', 'v:ready', '*', 'conversation', c)
end

local function jot(t, note)
  if note == '' then return '' end
  local n, c = cjson.decode(note), field(t, 'conversation')
  local seen = 'v:seen:' .. c .. ':note:' .. n.id
  local first = redis.call('GET', seen)
  if first then return first end
  local id = append(c, 'note', 'staff', n.text, cjson.encode({{ticket = t, name = n.name, staff = n.staff}}))
  redis.call('SET', seen, id, 'EX', {SEEN_TTL_S})
  return id
end

local function hear(t)
  local state = field(t, 'state')
  if state == 'claimed' then redis.call('HSETNX', 'v:ticket:' .. t, 'unanswered_since', now_ms()) end
  if state ~= 'snoozed' then return end
  if redis.call('EXISTS', 'v:agent:' .. field(t, 'owner_id')) == 0 then
    return to_line(t, '', true, {{}}, {{why = 'woken'}})
  end
  settle(t, 'claimed')
  redis.call('HSET', 'v:ticket:' .. t, 'unanswered_since', now_ms())
  ticket_event(t, 'ticket_woken')
end
"""

# conversation, channel, welcome events, sealed address or '' -> 1 when it was made now
OPEN = (
    _SHARED
    + """
if create(ARGV[1], ARGV[2], ARGV[4]) == 0 then return 0 end
redis.call('HSET', 'v:conv:' .. ARGV[1], 'welcomed', 1)
append_all(ARGV[1], cjson.decode(ARGV[3]))
return 1
"""
)

# conversation, channel, message id, text shown, event data, mail, sealed address or '', text shown while a contact is
# asked for -> {feed id, repeated, speaker}
# The mail's ``at`` becomes the moment of acceptance, by this one clock, so that what was sent when can be compared.
ACCEPT = (
    _SHARED
    + f"""
local c = ARGV[1]
local conv = 'v:conv:' .. c
local seen = 'v:seen:' .. c .. ':' .. ARGV[3]
create(c, ARGV[2], ARGV[7])
local speaker = redis.call('HGET', conv, 'speaker')
local first = redis.call('GET', seen)
if first then return {{first, 1, speaker}} end
local shown = redis.call('HEXISTS', conv, 'form') == 1 and ARGV[8] or ARGV[4]
local id = append(c, 'message', 'citizen', shown, ARGV[5])
redis.call('SET', seen, id, 'EX', {SEEN_TTL_S})
local mail = cjson.decode(ARGV[6])
mail.at = tonumber(string.match(id, '^%d+'))
redis.call('HSET', conv, 'inbound_at', mail.at)
redis.call('RPUSH', 'v:mail:' .. c, cjson.encode(mail))
make_ready(c)
local t = redis.call('HGET', conv, 'ticket')
if t then hear(t) end
return {{id, 0, redis.call('HGET', conv, 'speaker')}}
"""
)

# conversation, id in the ready stream -> 1 when no mail is left and the conversation was let go
RELEASE = """
if redis.call('LLEN', 'v:mail:' .. ARGV[1]) > 0 then return 0 end
if redis.call('EXISTS', 'v:conv:' .. ARGV[1]) == 1 then redis.call('HSET', 'v:conv:' .. ARGV[1], 'queued', 0) end
redis.call('XACK', 'v:ready', 'workers', ARGV[2])
redis.call('XDEL', 'v:ready', ARGV[2])
return 1
"""

# conversation, id in the ready stream: to the back of the stream, so that a talkative one does not keep the others
# waiting
REQUEUE = """
redis.call('XADD', 'v:ready', '*', 'conversation', ARGV[1])
redis.call('XACK', 'v:ready', 'workers', ARGV[2])
redis.call('XDEL', 'v:ready', ARGV[2])
"""

# conversation, speaker the decision assumed, message ids, events, change, ticket or ''
# -> ok | stale | speaker | held: an answer there still waits for a person's OK | empty: no ticket is opened before the
# record's are here, for its number might be theirs
# change: {buttons, welcomed, wrote_spanish (0 or 1), noticed_at, notices, known, judgement: {ticket, score, words},
# cancel_ticket, raise, form ('' ends it), note: {kind, data, secret: what only the recorder sees}, call_back (when the
# ticket's citizen is to be called, ms), revoke (1: not any more), held: {id, team, wait_ms, words, events}: an answer
# that waits for an OK}; the ticket's place replaces {posicion} in the events.
COMMIT = (
    _SHARED
    + """
local c = ARGV[1]
local conv = 'v:conv:' .. c
local ids = cjson.decode(ARGV[3])
local mail = redis.call('LRANGE', 'v:mail:' .. c, 0, #ids - 1)
for i, id in ipairs(ids) do
  if not mail[i] or cjson.decode(mail[i]).id ~= id then return 'stale' end
end
local speaker = redis.call('HGET', conv, 'speaker')
if not speaker then
  redis.call('DEL', 'v:mail:' .. c)
  return 'stale'
end
if speaker ~= ARGV[2] then return 'speaker' end
if redis.call('HEXISTS', conv, 'proposal') == 1 then return 'held' end
if ARGV[6] ~= '' and redis.call('EXISTS', 'v:filled') == 0 then return 'empty' end
local change = cjson.decode(ARGV[5])
redis.call('LTRIM', 'v:mail:' .. c, #ids, -1)
redis.call('HSET', conv, 'answered', cjson.decode(mail[#ids]).at)
if change.known then learn(c, change.known) end
local t = redis.call('HGET', conv, 'ticket')
local opened = false
if ARGV[6] ~= '' and not t then
  t = open_ticket(c, cjson.decode(ARGV[6]))
  opened = true
end
if change.raise and t then
  redis.call('HSET', 'v:ticket:' .. t, 'priority', change.raise, 'reason', change.raise)
  if field(t, 'state') == 'waiting' then settle(t, 'waiting') end
end
local events = cjson.decode(ARGV[4])
tell(c, t, events, {posicion = t and place(t) or nil})
answered_alone(c, events)
if opened then ticket_event(t, 'ticket_opened') end
if change.raise and t then ticket_event(t, 'ticket_raised') end
if change.cancel_ticket and t then
  leave(t, 'returned')
  ticket_event(t, 'ticket_cancelled')
end
if change.revoke or change.call_back then end_callback(c, change.revoke and 'revoked' or 'replaced') end
if change.call_back and t then call_back(t, change.call_back) end
if change.form then redis.call('HSET', conv, 'form', change.form) end
if change.form == '' or change.cancel_ticket or change.raise then redis.call('HDEL', conv, 'form') end
if change.note then append(c, change.note.kind, 'system', '', change.note.data, change.note.secret) end
if ARGV[2] == 'assistant' and redis.call('HEXISTS', conv, 'resumed_for') == 1
  and redis.call('HINCRBY', conv, 'resumed_for', -1) < 1 then
  redis.call('HDEL', conv, 'resumed', 'resumed_summary', 'resumed_for')
end
if change.buttons then redis.call('HSET', conv, 'buttons', change.buttons) end
if change.welcomed then redis.call('HSET', conv, 'welcomed', 1) end
if change.wrote_spanish then redis.call('HSET', conv, 'wrote_spanish', change.wrote_spanish) end
if change.noticed_at then redis.call('HSET', conv, 'noticed_at', change.noticed_at) end
local said = change.judgement
if said and said.score > 0 then judge(c, said.ticket, said.score, '') end
if said and said.words ~= '' then remark(c, said.ticket, said.words) end
if change.notices == 'off' then redis.call('SADD', 'v:notices:off', c) end
if change.notices == 'on' then redis.call('SREM', 'v:notices:off', c) end
local held = change.held
if held then
  local due = now_ms() + held.wait_ms
  redis.call('HSET', conv, 'proposal', held.id)
  redis.call('HSET', 'v:proposal:' .. held.id, 'conversation', c, 'channel', redis.call('HGET', conv, 'channel'),
    'team', held.team, 'words', held.words, 'events', held.events, 'due', due)
  redis.call('ZADD', 'v:proposals', due, held.id)
  append(c, 'proposal', 'system', '', cjson.encode({proposal = held.id, team = held.team, due = due}),
    cjson.encode(held))
end
stay(c)
return 'ok'
"""
)

# conversation, id in the ready stream, how many unanswered messages were looked at -> 1 when they wait for the decision
# on the proposal there and the conversation was let go; 0 when there is none any more, or more mail
PARK = """
local conv = 'v:conv:' .. ARGV[1]
if redis.call('HEXISTS', conv, 'proposal') == 0 then return 0 end
if redis.call('LLEN', 'v:mail:' .. ARGV[1]) ~= tonumber(ARGV[3]) then return 0 end
redis.call('HSET', conv, 'queued', 0)
redis.call('XACK', 'v:ready', 'workers', ARGV[2])
redis.call('XDEL', 'v:ready', ARGV[2])
return 1
"""

# proposal, decision, staff id and name or '', text told to staff with it, events, buttons of the events (JSON), ticket
# or '' -> ok | early: nobody has decided, and its time is not over | decided:<name>, '' when its time was over | gone |
# empty: as in COMMIT
# When it is taken, the new ticket is that person's at once, or the one that the record brought back meanwhile. What was
# written meanwhile is answered next; what overtook it may be a press on what was offered before.
DECIDE = (
    _SHARED
    + f"""
local p, decision, staff, name = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local key, events = 'v:proposal:' .. p, cjson.decode(ARGV[6])
local f = redis.call('HMGET', key, 'conversation', 'due', 'decision', 'by', 'team')
local c = f[1]
if not c then return 'gone' end
if f[3] then return 'decided:' .. f[4] end
if decision == 'expired' and tonumber(f[2]) > now_ms() then return 'early' end
if ARGV[8] ~= '' and redis.call('EXISTS', 'v:filled') == 0 then return 'empty' end
local conv = 'v:conv:' .. c
redis.call('ZREM', 'v:proposals', p)
redis.call('HSET', key, 'decision', decision, 'by', name)
redis.call('HDEL', key, 'words', 'events')
redis.call('EXPIRE', key, {DECIDED_TTL_S})
redis.call('HDEL', conv, 'proposal')
if decision ~= 'overtaken' then redis.call('HSET', conv, 'buttons', ARGV[7]) end
append(c, 'proposal_decided', 'system', ARGV[5],
  cjson.encode({{proposal = p, team = f[5] or '', why = decision, owner_name = name}}))
local t, opened = redis.call('HGET', conv, 'ticket'), false
if ARGV[8] ~= '' and not t then
  t = open_ticket(c, cjson.decode(ARGV[8]))
  opened = true
end
if decision ~= 'taken' then tell(c, t, events, {{posicion = t and place(t) or nil}}) end
answered_alone(c, events)
if opened then
  redis.call('HSET', conv, 'noticed_at', now_ms())
  ticket_event(t, 'ticket_opened')
end
if decision == 'taken' and field(t, 'state') == 'waiting' then take(t, staff, name, events) end
if redis.call('LLEN', 'v:mail:' .. c) > 0 then make_ready(c) end
stay(c)
return 'ok'
"""
)

# ticket, staff id, staff name, events -> {ok | mine | taken:<name> | gone, the ticket's hash when it is theirs, flat}.
# {nombre} in events is the new owner's name. Its hash comes along, so that a claim is one round trip.
CLAIM = (
    _SHARED
    + """
local t, staff = ARGV[1], ARGV[2]
local state = field(t, 'state')
if state == 'waiting' or state == 'callback' then
  take(t, staff, ARGV[3], cjson.decode(ARGV[4]))
  return {'ok', redis.call('HGETALL', 'v:ticket:' .. t)}
end
if owned(t, staff) then return {'mine', redis.call('HGETALL', 'v:ticket:' .. t)} end
if state == 'claimed' or state == 'snoozed' then return {'taken:' .. field(t, 'owner_name'), {}} end
return {'gone', {}}
"""
)

# staff id, staff name, teams (JSON; empty: all), events, names of the teams (JSON), of which {equipo} in events is one
# -> {the ticket now theirs, its hash, flat}, or {'', {}} when nobody waits
TAKE_NEXT = (
    _SHARED
    + """
local teams = cjson.decode(ARGV[3])
if #teams == 0 then teams = redis.call('SMEMBERS', 'v:lines') end
local best, best_score
for _, team in ipairs(teams) do
  local head, rank = first_in(team)
  if head and (not best or rank < best_score) then best, best_score = head, rank end
end
if not best then return {'', {}} end
take(best, ARGV[1], ARGV[2], cjson.decode(ARGV[4]), nil, cjson.decode(ARGV[5]))
return {best, redis.call('HGETALL', 'v:ticket:' .. best)}
"""
)

# events, names of the teams (JSON) -> "ticket staff-id" of one that was given out, or '' when there is nothing to give
# The first of the lines that somebody available with room serves goes to who speaks its citizen's language, if anybody
# does; among those to who did not vanish lately, then to who has fewest, or got none for longest. Nobody is given what
# they had a moment ago.
GIVE_OUT = (
    _SHARED
    + """
local loads = {}
for _, t in ipairs(redis.call('SMEMBERS', 'v:claimed')) do
  local owner = field(t, 'owner_id')
  if owner then loads[owner] = (loads[owner] or 0) + 1 end
end

local free = {}
for _, a in ipairs(redis.call('SMEMBERS', 'v:agents')) do
  local f = redis.call('HMGET', 'v:agent:' .. a, 'presence', 'name', 'teams', 'capacity', 'given_at', 'languages')
  local load = loads[a] or 0
  if f[1] == 'available' and load < tonumber(f[4]) then
    table.insert(free, {id = a, name = f[2], teams = cjson.decode(f[3]), load = load, given_at = tonumber(f[5] or 0),
      languages = cjson.decode(f[6] or '[]'), vanished = redis.call('EXISTS', 'v:vanished:' .. a)})
  end
end
table.sort(free, function(a, b)
  if a.vanished ~= b.vanished then return a.vanished < b.vanished end
  if a.load ~= b.load then return a.load < b.load end
  if a.given_at ~= b.given_at then return a.given_at < b.given_at end
  return a.id < b.id
end)

local function has(list, wanted)
  for _, one in ipairs(list) do
    if one == wanted then return true end
  end
  return false
end

local function serving(team)
  local found = {}
  for _, a in ipairs(free) do
    if #a.teams == 0 or has(a.teams, team) then table.insert(found, a) end
  end
  return found
end

local function server_of(t, serving)
  local known = redis.call('HGET', 'v:conv:' .. field(t, 'conversation'), 'known')
  local language, anybody = cjson.decode(known or '{}').idioma, nil
  for _, a in ipairs(serving) do
    if redis.call('SISMEMBER', 'v:lost:' .. a.id, t) == 0 then
      if not language or has(a.languages, language) then return a end
      anybody = anybody or a
    end
  end
  return anybody
end

local best, best_score, to
for _, team in ipairs(redis.call('SMEMBERS', 'v:lines')) do
  local agents, a = serving(team), nil
  if #agents > 0 then
    local head, rank = first_in(team, function(t)
      a = server_of(t, agents)
      return a
    end)
    if head and (not best or rank < best_score) then best, best_score, to = head, rank, a end
  end
end
if not best then return '' end
redis.call('HSET', 'v:agent:' .. to.id, 'given_at', now_ms())
take(best, to.id, to.name, cjson.decode(ARGV[1]), {why = 'assigned'}, cjson.decode(ARGV[2]))
return best .. ' ' .. to.id
"""
)

# ticket, staff id, until when (ms) -> 1, or 0 when the ticket is not theirs: it waits for the citizen's next words
SNOOZE = (
    _SHARED
    + """
local t = ARGV[1]
if not owned(t, ARGV[2]) then return 0 end
settle(t, 'snoozed', tonumber(ARGV[3]))
redis.call('HDEL', 'v:ticket:' .. t, 'unanswered_since')
ticket_event(t, 'ticket_snoozed', {until_ms = tonumber(ARGV[3])})
return 1
"""
)

# ticket, staff id -> 1, or 0 when it is not theirs or not snoozed: its owner goes on with it
WAKE = (
    _SHARED
    + """
local t = ARGV[1]
if not owned(t, ARGV[2]) or field(t, 'state') ~= 'snoozed' then return 0 end
settle(t, 'claimed')
ticket_event(t, 'ticket_woken')
return 1
"""
)

# ticket, staff id who moves it, 1 when they may move anybody's, team or '' for its own, 1 for the head of the line,
# why, note (JSON) or '', events -> 1, or 0 when they may not: back to a line
TO_LINE = (
    _SHARED
    + """
local t, state = ARGV[1], field(ARGV[1], 'state')
if not state or state == 'closed' then return 0 end
if not (owned(t, ARGV[2]) or ARGV[3] == '1') then return 0 end
jot(t, ARGV[7])
to_line(t, ARGV[4], ARGV[5] == '1', cjson.decode(ARGV[8]), {why = ARGV[6], by = ARGV[2]})
return 1
"""
)

# ticket, staff id who moves it, 1 when they may move anybody's, staff id and name of the new owner, why, note (JSON) or
# '', events -> ok | mine (it was theirs already) | absent (the new owner is not there) | gone
TO_PERSON = (
    _SHARED
    + """
local t, state = ARGV[1], field(ARGV[1], 'state')
if not state or state == 'closed' or not (owned(t, ARGV[2]) or ARGV[3] == '1') then return 'gone' end
if state == 'claimed' and owned(t, ARGV[4]) then return 'mine' end
if redis.call('EXISTS', 'v:agent:' .. ARGV[4]) == 0 then return 'absent' end
jot(t, ARGV[7])
take(t, ARGV[4], ARGV[5], cjson.decode(ARGV[8]), {why = ARGV[6], by = ARGV[2]})
return 'ok'
"""
)

# ticket, 0 or ms without an answer, events when the owner vanished, when they did not answer -> vanished | silent | ''
# Only if it is still so: whoever answered a moment ago, or is back, keeps the ticket. Who did not answer counts as away
# until they say otherwise, so that nobody is given to them again, and again.
TAKE_BACK = (
    _SHARED
    + f"""
local t, patience = ARGV[1], tonumber(ARGV[2])
if field(t, 'state') ~= 'claimed' then return '' end
local owner = field(t, 'owner_id')
if redis.call('EXISTS', 'v:agent:' .. owner) == 0 then
  redis.call('SET', 'v:vanished:' .. owner, 1, 'EX', {LOST_TTL_S})
  to_line(t, '', true, cjson.decode(ARGV[3]), {{why = 'vanished', by = owner}})
  return 'vanished'
end
local since = tonumber(field(t, 'unanswered_since') or 0)
if patience == 0 or since == 0 or now_ms() - since < patience then return '' end
redis.call('HSET', 'v:agent:' .. owner, 'presence', 'away')
to_line(t, '', true, cjson.decode(ARGV[4]), {{why = 'silent', by = owner}})
return 'silent'
"""
)

# ticket, outcome, events -> 1 when it was snoozed for longer than agreed, and is now closed
GIVE_UP_WAITING = (
    _SHARED
    + """
local t = ARGV[1]
local ends = redis.call('ZSCORE', 'v:snoozed', t)
if not ends or tonumber(ends) > now_ms() then return 0 end
local c = field(t, 'conversation')
leave(t, ARGV[2])
ticket_event(t, 'ticket_closed')
if may_tell_unasked(c) then append_all(c, cjson.decode(ARGV[3])) end
return 1
"""
)

# ticket, staff id, when (ms) -> 1, or 0 when it is not theirs: the citizen is to be called then, the assistant speaks
# meanwhile
CALL_BACK = (
    _SHARED
    + """
if not owned(ARGV[1], ARGV[2]) then return 0 end
call_back(ARGV[1], tonumber(ARGV[3]))
return 1
"""
)

# ticket, usual wait (ms), events -> 1 when the citizen was told: noted even when there is nothing to tell
TELL_WAIT = (
    _SHARED
    + """
local t, c = ARGV[1], field(ARGV[1], 'conversation')
if field(t, 'state') ~= 'waiting' then return 0 end
redis.call('HSET', 'v:ticket:' .. t, 'told_wait', ARGV[2])
local events = cjson.decode(ARGV[3])
if #events == 0 or not may_tell_unasked(c) then return 0 end
tell(c, t, events, {posicion = place(t)})
return 1
"""
)

# ticket, its team, another one -> 1, or 0 when it is over or no more that team's: wherever it is, it stays there
CHANGE_TEAM = (
    _SHARED
    + """
local t, state = ARGV[1], field(ARGV[1], 'state')
if not state or state == 'closed' or field(t, 'team') ~= ARGV[2] then return 0 end
if state == 'waiting' then take_out(t) end
redis.call('HSET', 'v:ticket:' .. t, 'team', ARGV[3])
if state == 'waiting' then settle(t, 'waiting') end
local moment = redis.call('ZSCORE', state == 'snoozed' and 'v:snoozed' or 'v:callbacks', t)
ticket_event(t, 'ticket_moved', {until_ms = moment and tonumber(moment) or nil})
return 1
"""
)

# ticket -> 1 when the agreed moment has come, and it is now in its team's line
FALL_DUE = (
    _SHARED
    + """
local t = ARGV[1]
local due = redis.call('ZSCORE', 'v:callbacks', t)
if not due or tonumber(due) > now_ms() then return 0 end
if field(t, 'priority') == 'normal' then redis.call('HSET', 'v:ticket:' .. t, 'priority', 'callback') end
to_line(t, '', false, {}, {why = 'callback_due'})
return 1
"""
)

# ticket, note (JSON: id, text, staff, name) -> feed id, or '' when it is over: only staff ever see a note
NOTE_DOWN = (
    _SHARED
    + """
local state = field(ARGV[1], 'state')
if not state or state == 'closed' then return '' end
return jot(ARGV[1], ARGV[2])
"""
)

# staff id, ms, name, presence or '' to leave it, teams (JSON), capacity, languages (JSON) -> presence
# Who says that they are available is given again what they lost.
BEAT = """
local key = 'v:agent:' .. ARGV[1]
redis.call('HSETNX', key, 'presence', 'available')
redis.call('HSET', key, 'name', ARGV[3], 'teams', ARGV[5], 'capacity', ARGV[6], 'languages', ARGV[7])
if ARGV[4] ~= '' then redis.call('HSET', key, 'presence', ARGV[4]) end
if ARGV[4] == 'available' then redis.call('DEL', 'v:lost:' .. ARGV[1], 'v:vanished:' .. ARGV[1]) end
redis.call('PEXPIRE', key, tonumber(ARGV[2]))
redis.call('SADD', 'v:agents', ARGV[1])
return redis.call('HGET', key, 'presence')
"""

# -> how many tickets were put where they belong: an older release kept one line and no states
ONE_LINE_TO_MANY = (
    _SHARED
    + """
local moved = 0
for _, t in ipairs(redis.call('ZRANGE', 'v:line', 0, -1)) do
  if field(t, 'conversation') then
    settle(t, 'waiting')
    moved = moved + 1
  end
end
redis.call('DEL', 'v:line')
for _, t in ipairs(redis.call('SMEMBERS', 'v:claimed')) do
  if field(t, 'conversation') then moved = moved + redis.call('HSETNX', 'v:ticket:' .. t, 'state', 'claimed') end
end
return moved
"""
)

# ticket, staff id, reply id, text, event data -> {feed id, repeated}; the id is '' when the ticket is not theirs
STAFF_REPLY = (
    _SHARED
    + f"""
local t = ARGV[1]
local c = redis.call('HGET', 'v:ticket:' .. t, 'conversation')
if not c then return {{'', 0}} end
local seen = 'v:seen:' .. c .. ':staff:' .. ARGV[3]
local first = redis.call('GET', seen)
if first then return {{first, 1}} end
if not owned(t, ARGV[2]) then return {{'', 0}} end
local id = append(c, 'message', 'staff', ARGV[4], ARGV[5])
redis.call('HSET', 'v:conv:' .. c, 'replied_staff', id)
redis.call('HDEL', 'v:ticket:' .. t, 'unanswered_since')
local proof = cjson.decode(ARGV[5]).provenance
redis.call('HSET', 'v:ticket:' .. t, 'replied', 1)
if proof then redis.call('HSET', 'v:ticket:' .. t, 'entry', proof.entry, 'entry_question', proof.question) end
redis.call('SET', seen, id, 'EX', {SEEN_TTL_S})
return {{id, 0}}
"""
)

# ticket, staff id, events, outcome, buttons of the events (JSON), note (JSON) or '', entry it was about or '' -> 1, or
# 0 when the ticket is not theirs. The assistant goes on from that entry, else the one sent last, for a few messages.
CLOSE = (
    _SHARED
    + """
local t = ARGV[1]
if not owned(t, ARGV[2]) then return 0 end
local c = redis.call('HGET', 'v:ticket:' .. t, 'conversation')
local spoken = is_spoken_in(c, t)
local entry = ARGV[7] ~= '' and ARGV[7] or field(t, 'entry') or ''
local summary = ARGV[6] ~= '' and cjson.decode(ARGV[6]).text or ''
jot(t, ARGV[6])
leave(t, ARGV[4])
ticket_event(t, 'ticket_closed')
if spoken and in_window(c) then
  append_all(c, cjson.decode(ARGV[3]))
  redis.call('HSET', 'v:conv:' .. c, 'buttons', ARGV[5])
end
if spoken and (entry ~= '' or summary ~= '') then resume(c, entry, summary) end
return 1
"""
)

# conversation, channel, sealed address or '', feed (JSON: [id, field, value, ...] each, oldest first; what was said in
# this store stays behind it), when the citizen last wrote (ms), what is known of them (JSON; what this store knows
# stays), the ticket, its fields, its state, until when (ms) or 0 -> 1, or 0 when it is here already, or there is
# another one of its kind by now: one that is spoken in and one that is called may be side by side
RESTORE = (
    _SHARED
    + """
local c, t, state = ARGV[1], ARGV[7], ARGV[9]
local conv = 'v:conv:' .. c
if redis.call('EXISTS', 'v:ticket:' .. t) == 1 then return 0 end
local fields, by_phone = cjson.decode(ARGV[8]), false
for i = 1, #fields, 2 do by_phone = by_phone or fields[i] == 'by_phone' end
if redis.call('HEXISTS', conv, by_phone and 'callback' or 'ticket') == 1 then return 0 end
bring_back(c, ARGV[2], ARGV[3], cjson.decode(ARGV[4]), ARGV[5], cjson.decode(ARGV[6]))
redis.call('HSET', 'v:ticket:' .. t, 'conversation', c, 'channel', ARGV[2], unpack(fields))
settle(t, state, tonumber(ARGV[10]))
if by_phone then
  redis.call('HSET', conv, 'callback', t)
else
  redis.call('HSET', conv, 'ticket', t)
  speak(c, t, state == 'waiting' and 'waiting' or 'staff')
end
stay(c)
return 1
"""
)

# the first six as in RESTORE, proposal, team, words, events, due (ms) -> 1, or 0 when it is here already, a person is
# asked for there by now, or it was decided so long ago that a store which was never lost has forgotten it
RESTORE_PROPOSAL = (
    _SHARED
    + f"""
local c, p, due = ARGV[1], ARGV[7], ARGV[11]
local conv, key = 'v:conv:' .. c, 'v:proposal:' .. p
if redis.call('EXISTS', key) == 1 or redis.call('HEXISTS', conv, 'proposal') == 1 then return 0 end
local forgotten = tonumber(due) + {DECIDED_TTL_S * 1000} < now_ms()
if forgotten and redis.call('EXISTS', 'v:filled') == 1 then return 0 end
local speaker = redis.call('HGET', conv, 'speaker')
if speaker and speaker ~= 'assistant' then return 0 end
bring_back(c, ARGV[2], ARGV[3], cjson.decode(ARGV[4]), ARGV[5], cjson.decode(ARGV[6]))
redis.call('HSET', conv, 'proposal', p)
redis.call('HSET', key, 'conversation', c, 'channel', ARGV[2], 'team', ARGV[8], 'words', ARGV[9], 'events', ARGV[10],
  'due', due)
redis.call('ZADD', 'v:proposals', due, p)
stay(c)
return 1
"""
)

# the first six as in RESTORE, messages that nobody answered as far as the record knows (JSON: [message id, feed id,
# mail] each, oldest first) -> how many of them this store had never seen: they are answered before what it has
RESTORE_MAIL = (
    _SHARED
    + f"""
local c, unseen = ARGV[1], {{}}
for _, message in ipairs(cjson.decode(ARGV[7])) do
  if redis.call('SET', 'v:seen:' .. c .. ':' .. message[1], message[2], 'NX', 'EX', {SEEN_TTL_S}) then
    table.insert(unseen, 1, message[3])
  end
end
if #unseen == 0 then return 0 end
bring_back(c, ARGV[2], ARGV[3], cjson.decode(ARGV[4]), ARGV[5], cjson.decode(ARGV[6]))
redis.call('LPUSH', 'v:mail:' .. c, unpack(unseen))
make_ready(c)
stay(c)
return #unseen
"""
)

# the first six as in RESTORE: a conversation of which something is known
RESTORE_KNOWN = (
    _SHARED
    + """
bring_back(ARGV[1], ARGV[2], ARGV[3], cjson.decode(ARGV[4]), ARGV[5], cjson.decode(ARGV[6]))
stay(ARGV[1])
"""
)

# the record's highest ticket number, name of the rebuild or '' where there is no record -> 1: from now on tickets may
# be opened here; 0 when this store is not the one that it began with
FILL = """
if ARGV[2] ~= '' and redis.call('DEL', 'v:rebuild:' .. ARGV[2]) == 0 then return 0 end
if tonumber(redis.call('GET', 'v:ticket:seq') or 0) < tonumber(ARGV[1]) then
  redis.call('SET', 'v:ticket:seq', ARGV[1])
end
redis.call('SET', 'v:filled', 1)
return 1
"""

# key, limit, seconds -> 1 while within the limit
ALLOW = """
local used = redis.call('INCR', KEYS[1])
if used == 1 then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return used <= tonumber(ARGV[1]) and 1 or 0
"""

# lanes; free failures and longest wait (s) of each -> ms to wait while one is closed, else 0: a failure counted in all
ATTEMPT = """
local t = redis.call('TIME')
local now, wait = t[1] * 1000 + math.floor(t[2] / 1000), 0
for _, key in ipairs(KEYS) do
  wait = math.max(wait, tonumber(redis.call('HGET', key, 'until') or 0) - now)
end
if wait > 0 then return wait end
for i, key in ipairs(KEYS) do
  local beyond = redis.call('HINCRBY', key, 'count', 1) - tonumber(ARGV[2 * i - 1])
  if beyond >= 0 then
    redis.call('HSET', key, 'until', string.format('%d', now + math.min(60 * 2 ^ beyond, tonumber(ARGV[2 * i])) * 1000))
  end
  redis.call('EXPIRE', key, 86400)
end
return 0
"""

# lanes; for each '1' to forget all failures, '0' only the one just counted
FORGIVE = """
for i, key in ipairs(KEYS) do
  if ARGV[i] == '1' or redis.call('HINCRBY', key, 'count', -1) <= 0 then
    redis.call('DEL', key)
  else
    redis.call('HDEL', key, 'until')
  end
end
"""

# conversation, kind, data -> feed id, or '' when there is no such conversation: a change that the channel tells
NOTE = (
    _SHARED
    + """
if redis.call('EXISTS', 'v:conv:' .. ARGV[1]) == 0 then return '' end
return append(ARGV[1], ARGV[2], 'system', '', ARGV[3])
"""
)

# conversation, events, 1 when it may also be said to who asks for nobody, 1 when a template says it after the window
# -> 1; 0 when nobody is asked for any more, or it may not be said unasked
TELL = (
    _SHARED
    + """
local speaker = redis.call('HGET', 'v:conv:' .. ARGV[1], 'speaker')
if not speaker or (speaker == 'assistant' and ARGV[3] ~= '1') then return 0 end
if redis.call('SISMEMBER', 'v:notices:off', ARGV[1]) == 1 then return 0 end
if ARGV[4] ~= '1' and not in_window(ARGV[1]) then return 0 end
append_all(ARGV[1], cjson.decode(ARGV[2]))
return 1
"""
)

# conversation, moment of a citizen's message (ms), how long what was said before is enough (ms), events -> 1 when they
# were said now: only while the record's tickets are not here, and once for each message
REASSURE = (
    _SHARED
    + """
local conv, at = 'v:conv:' .. ARGV[1], tonumber(ARGV[2])
if redis.call('EXISTS', 'v:filled') == 1 then return 0 end
local told = redis.call('HGET', conv, 'reassured')
if told and (at <= tonumber(told) or at < told + ARGV[3]) then return 0 end
redis.call('HSET', conv, 'reassured', ARGV[2])
append_all(ARGV[1], cjson.decode(ARGV[4]))
return 1
"""
)

# Sending: what follows is called by outbox.py.
_OUTBOX = (
    _SHARED
    + """
local function head(c)
  local oldest = redis.call('LINDEX', 'v:out:' .. c, 0)
  return oldest and cjson.decode(oldest)
end

local function let_go_of_head(c)
  redis.call('LPOP', 'v:out:' .. c)
  redis.call('HDEL', 'v:conv:' .. c, 'out_part', 'out_begun', 'out_tries')
end

local function delivery(c, id)
  local known = redis.call('HGET', 'v:delivery:' .. c, id)
  return known and cjson.decode(known) or {state = 'sending', sent = {}}
end

local function keep(c, id, told)
  redis.call('HSET', 'v:delivery:' .. c, id, cjson.encode(told))
  stay(c)
end

local function fail(c, id, reason)
  local told = delivery(c, id)
  told.state = 'failed'
  told.reason = reason
  keep(c, id, told)
  append(c, 'delivery', 'system', '', cjson.encode({of = id, state = 'failed', reason = reason}))
end
"""
)

# conversation, feed id -> how often this part was begun without anybody knowing what came of it, this time included;
# 0 when the event is no longer the oldest unsent one
BEGIN = (
    _OUTBOX
    + """
local e = head(ARGV[1])
if not e or e.id ~= ARGV[2] then return 0 end
return redis.call('HINCRBY', 'v:conv:' .. ARGV[1], 'out_begun', 1)
"""
)

# conversation, channel, feed id, provider's id or '', 1 when it was the last part, how many events it said
# -> 1, or 0 when it was recorded before
PART_SENT = (
    _OUTBOX
    + f"""
local c, channel, sent_id = ARGV[1], ARGV[2], ARGV[4]
local e = head(c)
if not e or e.id ~= ARGV[3] then return 0 end
local ids = {{}}
for i = 1, tonumber(ARGV[6] or 1) do
  e = head(c)
  if not e then break end
  ids[i] = e.id
  local told = delivery(c, e.id)
  if sent_id ~= '' then table.insert(told.sent, sent_id) end
  if ARGV[5] == '1' then
    if told.state == 'sending' then told.state = 'sent' end
    let_go_of_head(c)
  else
    redis.call('HINCRBY', 'v:conv:' .. c, 'out_part', 1)
    redis.call('HDEL', 'v:conv:' .. c, 'out_begun', 'out_tries')
  end
  keep(c, e.id, told)
end
if sent_id ~= '' then
  redis.call('SET', 'v:sent:' .. channel .. ':' .. sent_id, c .. ' ' .. table.concat(ids, ','), 'EX', {IDLE_TTL_S})
end
return 1
"""
)

# conversation, feed id, reason, how many events -> 1: the oldest unsent ones are given up
GIVE_UP = (
    _OUTBOX
    + """
local e = head(ARGV[1])
if not e or e.id ~= ARGV[2] then return 0 end
for _ = 1, tonumber(ARGV[4] or 1) do
  e = head(ARGV[1])
  if not e then break end
  let_go_of_head(ARGV[1])
  fail(ARGV[1], e.id, ARGV[3])
end
return 1
"""
)

# conversation, channel, id in the sending stream, delay in ms: to be tried again later, and meanwhile nobody's
LATER = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if redis.call('XACK', 'v:sending:' .. ARGV[2], 'senders', ARGV[3]) == 0 then return 0 end
redis.call('XDEL', 'v:sending:' .. ARGV[2], ARGV[3])
redis.call('HINCRBY', 'v:conv:' .. ARGV[1], 'out_tries', 1)
redis.call('HDEL', 'v:conv:' .. ARGV[1], 'out_begun')
redis.call('ZADD', 'v:later:' .. ARGV[2], now + tonumber(ARGV[4]), ARGV[1])
return 1
"""

# channel, at most -> how many conversations were put back into the sending stream because their time has come
DUE = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', 'v:later:' .. ARGV[1], '-inf', now, 'LIMIT', 0, tonumber(ARGV[2]))
for _, c in ipairs(due) do
  redis.call('ZREM', 'v:later:' .. ARGV[1], c)
  redis.call('XADD', 'v:sending:' .. ARGV[1], '*', 'conversation', c)
end
return #due
"""

# conversation, channel, id in the sending stream -> 1 when nothing is left to send and the conversation was let go
SENT_ALL = (
    _SHARED
    + """
if redis.call('LLEN', 'v:out:' .. ARGV[1]) > 0 then return 0 end
if redis.call('XACK', 'v:sending:' .. ARGV[2], 'senders', ARGV[3]) == 0 then return 1 end
redis.call('XDEL', 'v:sending:' .. ARGV[2], ARGV[3])
if redis.call('EXISTS', 'v:conv:' .. ARGV[1]) == 1 then
  redis.call('HSET', 'v:conv:' .. ARGV[1], 'sending', 0)
  stay(ARGV[1])
end
return 1
"""
)

# channel, conversation, ms between messages of the channel, of the conversation, burst of the channel, of the
# conversation -> ms to wait before sending, the turn is taken; below zero: all pause for so many ms, ask again then
PACE = """
local pause = redis.call('PTTL', 'v:pause:' .. ARGV[1])
if pause > 0 then return -pause end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local wait = 0
for i, key in ipairs({'v:pace:' .. ARGV[1], 'v:pace:' .. ARGV[1] .. ':' .. ARGV[2]}) do
  local every, burst = tonumber(ARGV[2 + i]), tonumber(ARGV[4 + i])
  local free = math.max(tonumber(redis.call('GET', key) or 0), now - every * (burst - 1))
  wait = math.max(wait, free - now)
  local ends = free + every
  redis.call('SET', key, ends, 'PX', math.max(1, math.ceil(ends - now + every * burst)))
end
return math.ceil(wait)
"""

# channel, provider's id, state, reason -> 1 when the state moved forward
REPORT = (
    _OUTBOX
    + """
local order = {sending = 0, sent = 1, delivered = 2, read = 3, failed = 4}
local known = redis.call('GET', 'v:sent:' .. ARGV[1] .. ':' .. ARGV[2])
if not known then return 0 end
local c, ids = string.match(known, '^(%S+) (%S+)$')
if redis.call('EXISTS', 'v:conv:' .. c) == 0 then return 0 end
local moved = 0
for id in string.gmatch(ids, '[^,]+') do
  local told = delivery(c, id)
  local arrived = told.state == 'delivered' or told.state == 'read'
  if order[ARGV[3]] > order[told.state] and not (ARGV[3] == 'failed' and arrived) then
    moved = 1
    if ARGV[3] == 'failed' then
      fail(c, id, ARGV[4])
    else
      told.state = ARGV[3]
      keep(c, id, told)
    end
  end
end
return moved
"""
)

# lease name, holder, ms -> 1 when the holder has it
LEASE = """
local key = 'v:lease:' .. ARGV[1]
local holder = redis.call('GET', key)
if holder and holder ~= ARGV[2] then return 0 end
redis.call('SET', key, ARGV[2], 'PX', tonumber(ARGV[3]))
return 1
"""

# conversation, who (citizen or staff), feed id -> 1 when they had not read so far yet; told to live pages
READ = f"""
local field = 'read_' .. ARGV[2]
local conv = 'v:conv:' .. ARGV[1]
local known = redis.call('HGET', conv, field)
if redis.call('EXISTS', conv) == 0 then return 0 end
local function order(id)
  local ms, n = string.match(id, '^(%d+)-?(%d*)$')
  return tonumber(ms), tonumber(n) or 0
end
if known then
  local ms, n = order(ARGV[3])
  local old_ms, old_n = order(known)
  if ms < old_ms or (ms == old_ms and n <= old_n) then return 0 end
end
redis.call('HSET', conv, field, ARGV[3])
redis.call('XADD', 'v:signals', 'MAXLEN', '~', {SIGNALS_LENGTH}, '*', 'conversation', ARGV[1], 'kind', 'read',
  'author', ARGV[2], 'data', '{{"event_id":"' .. ARGV[3] .. '"}}')
return 1
"""

# conversation, ticket, score, words -> 1, or 0 when that attention is not this conversation's, is not over
# or was judged before
JUDGE = (
    _SHARED
    + """
return judge(ARGV[1], ARGV[2], ARGV[3], ARGV[4])
"""
)
