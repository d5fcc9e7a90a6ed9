-- Claims a waiting ticket or a call-back for an agent, once.
-- {nombre} in `events` is the agent's name. Returning the hash saves a second round trip.
-- @args ticket, staff, name, events:sealed
-- @returns {ok | mine | taken:<name> | gone, the ticket's hash (flat) if the agent has the ticket now}
-- @include assignment

local state = ticket_field(ticket, 'state')
if state == 'waiting' or state == 'callback' then
  assign_ticket(ticket, {id = staff, name = name}, events)
  return {'ok', redis.call('HGETALL', ticket_key(ticket))}
end
if is_owner(ticket, staff) then return {'mine', redis.call('HGETALL', ticket_key(ticket))} end
if state == 'claimed' or state == 'snoozed' then return {'taken:' .. ticket_field(ticket, 'owner_name'), {}} end
return {'gone', {}}
