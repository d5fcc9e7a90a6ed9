-- Sends a public notice, once, to a citizen who waits for a person.
-- @args conversation, notice, events:json
-- @returns 1 | 0 when the citizen does not wait, already got the notice, or may not be sent notices now
-- @include notices

local key = conversation_key(conversation)
if redis.call('HGET', key, 'speaker') ~= 'waiting' or not may_notify(conversation) then return 0 end
if redis.call('HSETNX', key, 'told:' .. notice, 1) == 0 then return 0 end
append_events(conversation, events)
return 1
