-- Measures the tickets' queues, the work queue, the outboxes and the recorder's lag; changes nothing.
-- `most`: how many conversations are looked at for the oldest message of an inbox or of a channel's outboxes.
-- @args channels:json, most:number
-- @returns JSON of StoreState (bot/metrics/store_state.py); moments are in ms
-- @include clock, stream_ids

local HALF_RANK = 5e12 -- of a queue's score; a returned ticket is half a rank off, see queue_score

local function older(at, other)
  return (not at or other and other < at) and other or at
end

-- Returns the moment of the oldest message in the list, or nil.
local function oldest_in(list)
  local line = redis.call('LINDEX', list, 0)
  return line and tonumber(cjson.decode(line).at)
end

local function measure_slot(found, key, slot, name)
  local from, to = slot * HALF_RANK, '(' .. (slot + 1) * HALF_RANK
  local count = redis.call('ZCOUNT', key, from, to)
  if count == 0 then return end
  local first = redis.call('ZRANGEBYSCORE', key, from, to, 'WITHSCORES', 'LIMIT', 0, 1)
  local one = found[name] or {count = 0}
  found[name] = {count = one.count + count, oldest = older(one.oldest, tonumber(first[2]) - from)}
end

local function queues()
  local found = {}
  for _, team in ipairs(redis.call('SMEMBERS', QUEUES)) do
    local key, slots = queue_key(team), {}
    if redis.call('ZCARD', key) > 0 then
      measure_slot(slots, key, -1, 'emergency')
      measure_slot(slots, key, 1, 'returned')
      for priority, rank in pairs(RANKS) do measure_slot(slots, key, 2 * rank, priority) end
      found[team] = slots
    end
  end
  return found
end

local function work()
  local entries = redis.call('XRANGE', WORK, '-', '+', 'COUNT', most)
  local inbox
  for _, entry in ipairs(entries) do inbox = older(inbox, oldest_in(inbox_key(entry[2][2]))) end
  local queued = entries[1] and parts_of(entries[1][1])
  return {count = redis.call('XLEN', WORK), oldest = queued, inbox = inbox}
end

local function outbox(channel)
  local oldest
  for _, entry in ipairs(redis.call('XRANGE', sending_key(channel), '-', '+', 'COUNT', most)) do
    oldest = older(oldest, oldest_in(outbox_key(entry[2][2])))
  end
  -- The latest retries are mostly of the oldest messages, since the delay doubles.
  for _, conversation in ipairs(redis.call('ZRANGE', retry_key(channel), -most, -1)) do
    oldest = older(oldest, oldest_in(outbox_key(conversation)))
  end
  return {count = redis.call('XLEN', sending_key(channel)) + redis.call('ZCARD', retry_key(channel)), oldest = oldest}
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

-- Returns the id of the oldest event that is not recorded, or nil.
local function oldest_unrecorded(group)
  if (group.pending or 0) > 0 then return redis.call('XPENDING', EVENTS, RECORDER)[2] end
  local unread = redis.call('XRANGE', EVENTS, '(' .. (group['last-delivered-id'] or '0-0'), '+', 'COUNT', 1)
  return unread[1] and unread[1][1]
end

-- `count` is missing where the server does not know it (Redis 6.2).
local function recorder()
  local group = recorder_group()
  local id = oldest_unrecorded(group)
  return {count = group.lag and group.lag + group.pending, oldest = id and parts_of(id)}
end

local outboxes = {}
for _, channel in ipairs(channels) do outboxes[channel] = outbox(channel) end
return cjson.encode({now = now_ms(), queues = queues(), work = work(), outboxes = outboxes, recorder = recorder()})
