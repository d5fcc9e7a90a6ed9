-- Creates a conversation and sends the citizen the welcome, once.
-- @args conversation, channel, welcome:sealed, address
-- @returns 1 | 0 when it already existed
-- @include conversation

if create_conversation(conversation, channel, address) == 0 then return 0 end
redis.call('HSET', conversation_key(conversation), 'welcomed', 1)
append_events(conversation, welcome)
return 1
