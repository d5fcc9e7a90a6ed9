-- Sends a public notice to a citizen who asked for notices, once for each broadcast.
-- A test (`is_test`) is sent even to a citizen who already got the notice. `by_template`: a template may carry it after
-- the reply window.
-- @args conversation, channel, address, broadcast, notice, events:sealed, is_test:flag, by_template:flag
-- @returns 'sent' | 'off' after «baja» | 'closed' when the reply window is closed and no template may carry the notice
-- @include conversation, notices

if refuses_notices(conversation) then return 'off' end
create_conversation(conversation, channel, address)
if not in_window(conversation, by_template) then return 'closed' end
local sent = broadcast_key(broadcast, conversation)
if not redis.call('SET', sent, 1, 'NX', 'EX', BROADCAST_TTL_S) then return 'sent' end
if was_notified(conversation, notice) and not is_test then return 'sent' end
mark_notified(conversation, {notice})
append_events(conversation, events)
return 'sent'
