-- Adds conversations with pending messages to the work queue, once each, and removes them.
-- The field `queued` of a conversation is the id of its entry, or 0.
-- @include stream_ids

local function add_work(conversation)
  local entry = redis.call('XADD', WORK, '*', 'conversation', conversation)
  redis.call('HSET', conversation_key(conversation), 'queued', entry)
end

local function enqueue_work(conversation)
  local queued = redis.call('HGET', conversation_key(conversation), 'queued')
  if not queued or queued == '0' then add_work(conversation) end
end

-- Removes the entry; returns whether it was still pending.
local function acknowledge_work(entry)
  if redis.call('XACK', WORK, WORKERS, entry) == 0 then return false end
  redis.call('XDEL', WORK, entry)
  return true
end

-- Adds an entry for a conversation with pending messages if it has none; returns whether it had none.
-- A conversation whose answer waits for approval has none by design.
local function repair_work(conversation)
  local key = conversation_key(conversation)
  if redis.call('LLEN', inbox_key(conversation)) == 0 then return false end
  if redis.call('HEXISTS', key, 'proposal') == 1 then return false end
  if is_in_stream(WORK, redis.call('HGET', key, 'queued')) then return false end
  add_work(conversation)
  return true
end
