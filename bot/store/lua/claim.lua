-- Claims a waiting ticket or a call-back for an agent, once.
-- {nombre} in `events` is the agent's name. The hash is returned too, so that a claim is one round trip.
-- @args ticket, staff, name, events:json
-- @returns {ok | mine | taken:<name> | gone, the ticket's hash (flat) when it is theirs}
-- @include assignment

local state = ticket_field(ticket, 'state')
if state == 'waiting' or state == 'callback' then
  assign_ticket(ticket, {id = staff, name = name}, events)
  return {'ok', redis.call('HGETALL', ticket_key(ticket))}
end
if is_owner(ticket, staff) then return {'mine', redis.call('HGETALL', ticket_key(ticket))} end
if state == 'claimed' or state == 'snoozed' then return {'taken:' .. ticket_field(ticket, 'owner_name'), {}} end
return {'gone', {}}
