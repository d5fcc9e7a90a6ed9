-- Notifies a citizen, once, that their turn is near, if they asked for this notice and notices are allowed.
-- @args ticket, events:sealed
-- @returns 1 | 0 when nothing was sent
-- @include notices, queue

-- `tell_near` is the field of older releases.
if ticket_field(ticket, 'state') ~= 'waiting' then return 0 end
if redis.call('HDEL', ticket_key(ticket), 'notify_near', 'tell_near') == 0 then return 0 end
local conversation = ticket_field(ticket, 'conversation')
if not may_notify(conversation) then return 0 end
notify(conversation, events, {posicion = position(ticket)})
return 1
