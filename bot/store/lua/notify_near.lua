-- Notifies a citizen, once, that their turn is near, if they asked for this notice and notices are allowed.
-- @args ticket, events:json
-- @returns 1 | 0 when nothing was sent
-- @include notices, queue

if ticket_field(ticket, 'state') ~= 'waiting' or not ticket_field(ticket, 'tell_near') then return 0 end
redis.call('HDEL', ticket_key(ticket), 'tell_near')
local conversation = ticket_field(ticket, 'conversation')
if not may_notify(conversation) then return 0 end
notify(conversation, events, {posicion = position(ticket)})
return 1
