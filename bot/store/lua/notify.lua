-- Sends an unsolicited notice to a citizen.
-- `anybody`: even if the citizen asks for no person; `by_template`: a template may carry it after the reply window.
-- @args conversation, events:json, anybody:flag, by_template:flag
-- @returns 1 | 0 when the citizen no longer asks for a person, or notices are not allowed
-- @include notices

local speaker = redis.call('HGET', conversation_key(conversation), 'speaker')
if not speaker or (speaker == 'assistant' and not anybody) then return 0 end
if refuses_notices(conversation) then return 0 end
if not in_window(conversation, by_template) then return 0 end
append_events(conversation, events)
return 1
