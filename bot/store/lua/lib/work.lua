-- Puts conversations with pending messages into the work queue, once each, and removes them.

local function enqueue_work(conversation)
  local key = conversation_key(conversation)
  if redis.call('HGET', key, 'queued') == '1' then return end
  redis.call('HSET', key, 'queued', 1)
  redis.call('XADD', WORK, '*', 'conversation', conversation)
end

local function acknowledge_work(entry)
  redis.call('XACK', WORK, WORKERS, entry)
  redis.call('XDEL', WORK, entry)
end
