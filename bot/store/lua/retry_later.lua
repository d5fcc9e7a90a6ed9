-- Removes a conversation from its channel's sending stream and schedules a retry.
-- `unsure`: the attempt may have reached the citizen.
-- @args conversation, channel, entry, delay_ms:number, unsure:flag
-- @returns 1 | 0 when the entry was no longer pending
-- @include clock, sending

if not acknowledge_sending(channel, entry) then return 0 end
local key = conversation_key(conversation)
redis.call('HINCRBY', key, 'out_tries', 1)
if unsure then redis.call('HINCRBY', key, 'out_unsure', 1) end
redis.call('HDEL', key, 'out_begun', 'out_attempt')
redis.call('HSET', key, 'sending', 'retry', 'out_failed', now_ms())
redis.call('ZADD', retry_key(channel), now_ms() + delay_ms, conversation)
return 1
