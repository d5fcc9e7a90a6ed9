-- Sends the notice that an answer takes time, once for each message, while open tickets are not recovered.
-- `at` is the message's time; nothing is sent if a message less than `enough_ms` older already got the notice.
-- `known` has the user attributes that the message states, which no turn has stored yet; {} if there are none.
-- @args conversation, at, enough_ms:number, known:json, events:sealed
-- @returns 1 | 0 when nothing was sent, as when the conversation no longer exists
-- @include conversation

local key = conversation_key(conversation)
if redis.call('EXISTS', RESTORED) == 1 or redis.call('HEXISTS', key, 'channel') == 0 then return 0 end
local last = tonumber(redis.call('HGET', key, 'reassured'))
if last and (tonumber(at) <= last or tonumber(at) < last + enough_ms) then return 0 end
redis.call('HSET', key, 'reassured', at)
learn(conversation, known)
append_events(conversation, events)
return 1
