-- Appends events to a conversation's log, the stream of all events and, on channels with a provider, the outbox.
-- @include clock, languages, sending, stream_ids

-- Lets a conversation expire, unless an answer, a delivery or a call-back is outstanding. Only the web has a term of
-- its own, `idle_s`.
local function keep_alive(conversation)
  local pending = redis.call('HGET', conversation_key(conversation), 'speaker') ~= 'assistant'
    or redis.call('HEXISTS', conversation_key(conversation), 'callback') == 1
    or redis.call('LLEN', inbox_key(conversation)) > 0
    or redis.call('LLEN', outbox_key(conversation)) > 0
  local facts = redis.call('HMGET', conversation_key(conversation), 'channel', 'idle_s')
  local idle_s = facts[1] == 'web' and facts[2] or IDLE_TTL_S
  local keys = {conversation_key(conversation), log_key(conversation), delivery_key(conversation),
    unanswered_key(conversation), unheard_key(conversation)}
  for _, key in ipairs(keys) do
    if pending then redis.call('PERSIST', key) else redis.call('EXPIRE', key, idle_s) end
  end
end

local function append_to_outbox(conversation, channel, event)
  local key = conversation_key(conversation)
  if redis.call('HEXISTS', key, 'address') == 0 then return end
  redis.call('RPUSH', outbox_key(conversation), cjson.encode(event))
  enqueue_sending(conversation, channel)
end

-- Returns whether the recorder needs the citizen's address with an event, because something may be sent later.
local function needs_address(conversation, kind, author)
  return string.sub(kind, 1, 7) == 'ticket_' or kind == 'proposal' or kind == 'complaint_filed' or author == 'citizen'
    or redis.call('LLEN', inbox_key(conversation)) > 0
end

-- Returns the time of the events that this script appends, and the number of the next one within that ms. If the clock
-- was set back, the time is 1 ms after the newest event, so that times never decrease: they decide who saw what, and
-- which values in the record are newer.
local moments = {}
local function moment_in(conversation)
  local newest = redis.call('XREVRANGE', log_key(conversation), '+', '-', 'COUNT', 1)[1]
  local ms, number = parts_of(newest and newest[1] or '0')
  moments[conversation] = moments[conversation] or math.max(now_ms(), ms + 1)
  return moments[conversation], moments[conversation] == ms and number + 1 or 0
end

-- Appends an event and returns its id in the log. Only the recorder reads `secret`.
local function append_event(conversation, kind, author, text, data, secret)
  local at, number = moment_in(conversation)
  local facts = redis.call('HMGET', conversation_key(conversation), 'channel', 'address', 'answered')
  local channel = facts[1]
  local id = redis.call('XADD', log_key(conversation), 'MAXLEN', '~', LOG_LENGTH, string.format('%d-%d', at, number),
    'kind', kind, 'author', author, 'text', text, 'data', data, 'at', at)
  local subscribes = author == 'system' and string.find(data, '"subscription": "on"', 1, true)
  local address = (subscribes or needs_address(conversation, kind, author)) and facts[2] or ''
  redis.call('XADD', EVENTS, '*', 'conversation', conversation, 'channel', channel, 'id', id,
    'kind', kind, 'author', author, 'text', text, 'data', data, 'at', at, 'address', address,
    'answered', facts[3] or '', 'secret', secret or '')
  if kind == 'message' and author ~= 'citizen' then
    append_to_outbox(conversation, channel, {id = id, kind = kind, author = author, text = text, data = data, at = at})
  end
  keep_alive(conversation)
  return id
end

local function append_events(conversation, events)
  translate(conversation, events)
  for _, event in ipairs(events) do
    append_event(conversation, event.kind, event.author, event.text, event.data)
  end
end
