-- Takes a conversation out of its channel's sending stream and schedules a retry.
-- @args conversation, channel, entry, delay_ms:number
-- @returns 1 | 0 when the entry was no longer pending
-- @include clock, sending

if not acknowledge_sending(channel, entry) then return 0 end
redis.call('HINCRBY', conversation_key(conversation), 'out_tries', 1)
redis.call('HDEL', conversation_key(conversation), 'out_begun')
redis.call('ZADD', retry_key(channel), now_ms() + delay_ms, conversation)
return 1
