-- Removes a conversation from the work queue if its inbox is empty.
-- @args conversation, entry
-- @returns 1 | 0 when messages arrived meanwhile
-- @include work

if redis.call('LLEN', inbox_key(conversation)) > 0 then return 0 end
local key = conversation_key(conversation)
if redis.call('EXISTS', key) == 1 then redis.call('HSET', key, 'queued', 0) end
acknowledge_work(entry)
return 1
