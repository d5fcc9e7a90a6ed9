-- Measures the queues of tickets, the work queue, the outboxes and the recorder's lag; changes nothing.
-- `most` limits the conversations, of the work queue and per channel, in which the oldest message is sought.
-- @args channels:json, most:number
-- @returns JSON of StoreState (bot/metrics/store_state.py); times are in ms since 1970
-- @include clock, measuring, stream_ids

local function work()
  local entries = redis.call('XRANGE', WORK, '-', '+', 'COUNT', most)
  local inbox
  for _, entry in ipairs(entries) do inbox = oldest_held(inbox, entry[2][2], inbox_key(entry[2][2])) end
  local queued = entries[1] and parts_of(entries[1][1])
  return {count = redis.call('XLEN', WORK), oldest = queued, inbox = inbox}
end

local function outbox(channel)
  local oldest, unsent
  local function look(conversation)
    local list = outbox_key(conversation)
    oldest = older(oldest, oldest_in(list))
    local unsure = redis.call('HGET', conversation_key(conversation), 'out_unsure')
    if not unsure then unsent = oldest_held(unsent, conversation, list) end
  end
  for _, entry in ipairs(redis.call('XRANGE', sending_key(channel), '-', '+', 'COUNT', most)) do
    look(entry[2][2])
  end
  -- The latest retries mostly belong to the oldest messages, since the delay doubles.
  for _, conversation in ipairs(redis.call('ZRANGE', retry_key(channel), -most, -1)) do
    look(conversation)
  end
  local count = redis.call('XLEN', sending_key(channel)) + redis.call('ZCARD', retry_key(channel))
  return {count = count, oldest = oldest, unsent = unsent}
end

local function recorder_group()
  if redis.call('EXISTS', EVENTS) == 0 then return {} end
  for _, facts in ipairs(redis.call('XINFO', 'GROUPS', EVENTS)) do
    local group = {}
    for i = 1, #facts, 2 do group[facts[i]] = facts[i + 1] end
    if group.name == RECORDER then return group end
  end
  return {}
end

-- Returns the id of the oldest unrecorded event, or nil.
local function oldest_unrecorded(group)
  if (group.pending or 0) > 0 then return redis.call('XPENDING', EVENTS, RECORDER)[2] end
  local unread = redis.call('XRANGE', EVENTS, '(' .. (group['last-delivered-id'] or '0-0'), '+', 'COUNT', 1)
  return unread[1] and unread[1][1]
end

-- `count` is missing on servers that do not report the lag (Redis 6.2).
local function recorder()
  local group = recorder_group()
  local id = oldest_unrecorded(group)
  return {count = group.lag and group.lag + group.pending, oldest = id and parts_of(id)}
end

local outboxes = {}
for _, channel in ipairs(channels) do outboxes[channel] = outbox(channel) end
return cjson.encode({
  now = now_ms(), queues = measure_queues(), work = work(), outboxes = outboxes, recorder = recorder()
})
