-- Moves a ticket to another team without changing its state.
-- @args ticket, old, new
-- @returns 1 | 0 when the ticket is closed or no longer belongs to the team `old`
-- @include queue

local state = ticket_field(ticket, 'state')
if not is_open(ticket) or ticket_field(ticket, 'team') ~= old then return 0 end
if state == 'waiting' then remove_from_queues(ticket) end
redis.call('HSET', ticket_key(ticket), 'team', new)
if state == 'waiting' then set_state(ticket, 'waiting') end
local moment = redis.call('ZSCORE', state == 'snoozed' and SNOOZED or CALLBACKS, ticket)
append_ticket_event(ticket, 'ticket_moved', {until_ms = moment and tonumber(moment) or nil})
return 1
