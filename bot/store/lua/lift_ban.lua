-- Ends the block of a conversation, and notifies the citizen if that is allowed now.
-- @args conversation, events:sealed
-- @returns 1 | 0 when it is not blocked
-- @include notices

if redis.call('DEL', ban_key(conversation)) == 0 then return 0 end
if redis.call('EXISTS', conversation_key(conversation)) == 0 then return 1 end
append_event(conversation, 'unbanned', 'system', '', '{}')
if may_notify(conversation) then append_events(conversation, events) end
return 1
