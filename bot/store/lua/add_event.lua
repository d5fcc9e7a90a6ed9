-- Adds an event that a channel reports to a conversation.
-- @args conversation, kind, data:words
-- @returns event id | '' when there is no such conversation
-- @include events

if redis.call('EXISTS', conversation_key(conversation)) == 0 then return '' end
return append_event(conversation, kind, 'system', '', data)
