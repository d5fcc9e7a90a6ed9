-- Stores the newest event that a citizen or an agent has read, and signals it to live pages.
-- @args conversation, author, event_id
-- @returns 1 | 0 when they had already read that far
-- @include stream_ids

local key, field = conversation_key(conversation), 'read_' .. author
if redis.call('EXISTS', key) == 0 then return 0 end
local before = redis.call('HGET', key, field)
if before and not is_earlier(before, event_id) then return 0 end
redis.call('HSET', key, field, event_id)
redis.call('XADD', SIGNALS, 'MAXLEN', '~', SIGNALS_LENGTH, '*', 'conversation', conversation, 'kind', 'read',
  'author', author, 'data', cjson.encode({event_id = event_id}))
return 1
