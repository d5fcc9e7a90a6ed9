-- Stores the wait shown to the citizen ("place low high when", in ms), and sends the notice if notices are allowed.
-- @args ticket, announced, events:sealed
-- @returns 1 | 0 when nothing was sent
-- @include notices, queue

if ticket_field(ticket, 'state') ~= 'waiting' then return 0 end
redis.call('HSET', ticket_key(ticket), 'announced_wait', announced)
local conversation = ticket_field(ticket, 'conversation')
if #events == 0 or not may_notify(conversation) then return 0 end
notify(conversation, events, {posicion = position(ticket)})
return 1
