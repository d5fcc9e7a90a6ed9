-- Says something to a citizen who did not just write.
-- `anybody`: also to those who ask for no person; `by_template`: a template says it after the window.
-- @args conversation, events:json, anybody:flag, by_template:flag
-- @returns 1 | 0 when nobody is asked for any more, or it may not be said
-- @include notices

local speaker = redis.call('HGET', conversation_key(conversation), 'speaker')
if not speaker or (speaker == 'assistant' and not anybody) then return 0 end
if refuses_notices(conversation) then return 0 end
if not in_window(conversation, by_template) then return 0 end
append_events(conversation, events)
return 1
