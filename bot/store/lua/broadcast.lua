-- Sends a public notice to a citizen who asked for notices, once for each broadcast.
-- A test (`is_test`) comes also to who has read the notice already.
-- @args conversation, channel, address, broadcast, notice, events:json, is_test:flag
-- @returns 'sent' | 'off' after «baja» | 'closed' when the reply window is closed and the channel has no template
-- @include conversation, notices

if refuses_notices(conversation) then return 'off' end
create_conversation(conversation, channel, address)
if not in_window(conversation, true) then return 'closed' end
local told = broadcast_key(broadcast, conversation)
if not redis.call('SET', told, 1, 'NX', 'EX', BROADCAST_TTL_S) then return 'sent' end
local is_new = redis.call('HSETNX', conversation_key(conversation), 'told:' .. notice, 1) == 1
if not is_new and not is_test then return 'sent' end
append_events(conversation, events)
return 'sent'
