-- Sends a notice to a citizen.
-- With `anybody`, sends it even while the assistant answers; with `asked`, even to a citizen who refused notices, since
-- they asked for it. With `by_template`, a template may carry the notice after the reply window.
-- @args conversation, events:sealed, anybody:flag, asked:flag, by_template:flag
-- @returns 1 | 0 when the assistant answers (only without `anybody`), or notices are not allowed
-- @include notices

local speaker = redis.call('HGET', conversation_key(conversation), 'speaker')
if not speaker or (speaker == 'assistant' and not anybody) then return 0 end
if not asked and refuses_notices(conversation) then return 0 end
if not in_window(conversation, by_template) then return 0 end
append_events(conversation, events)
return 1
