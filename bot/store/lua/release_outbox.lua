-- Removes a conversation from its channel's sending stream if its outbox is empty.
-- @args conversation, channel, entry
-- @returns 1 | 0 when the outbox is not empty
-- @include events

if redis.call('LLEN', outbox_key(conversation)) > 0 then return 0 end
if not acknowledge_sending(channel, entry) then return 1 end
if redis.call('EXISTS', conversation_key(conversation)) == 1 then
  redis.call('HSET', conversation_key(conversation), 'sending', 0)
  keep_alive(conversation)
end
return 1
