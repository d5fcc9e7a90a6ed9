-- Removes a conversation with pending messages from the work queue while an answer waits for approval.
-- @args conversation, entry, messages:number
-- @returns 1 | 0 when the approval was decided or other messages arrived meanwhile
-- @include work

local key = conversation_key(conversation)
if redis.call('HEXISTS', key, 'proposal') == 0 then return 0 end
if redis.call('LLEN', inbox_key(conversation)) ~= messages then return 0 end
redis.call('HSET', key, 'queued', 0)
acknowledge_work(entry)
return 1
