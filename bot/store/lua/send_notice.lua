-- Sends a public notice, once, to a citizen who waits for a person.
-- @args conversation, notice, events:sealed
-- @returns 1 | 0 when the citizen does not wait, already got the notice, or may not be sent notices now
-- @include conversation, notices

local key = conversation_key(conversation)
if redis.call('HGET', key, 'speaker') ~= 'waiting' or not may_notify(conversation) then return 0 end
if was_notified(conversation, notice) then return 0 end
mark_notified(conversation, {notice})
append_events(conversation, events)
return 1
