-- Sends an unasked notice to a citizen.
-- `anybody`: even if no person is asked for; `by_template`: a template carries it once the reply window is closed.
-- @args conversation, events:json, anybody:flag, by_template:flag
-- @returns 1 | 0 when no person is asked for any more, or notices are not allowed
-- @include notices

local speaker = redis.call('HGET', conversation_key(conversation), 'speaker')
if not speaker or (speaker == 'assistant' and not anybody) then return 0 end
if refuses_notices(conversation) then return 0 end
if not in_window(conversation, by_template) then return 0 end
append_events(conversation, events)
return 1
