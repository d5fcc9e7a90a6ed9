-- Raises the priority of open tickets.
-- @include queue

local function escalate(ticket, priority)
  local is_new = ticket_field(ticket, 'priority') ~= priority
  redis.call('HSET', ticket_key(ticket), 'priority', priority, 'reason', priority)
  if ticket_field(ticket, 'state') ~= 'waiting' then return end
  set_state(ticket, 'waiting')
  if is_new then raise_alarm(ticket) end
end

-- Moves a ticket before those of lower priority; its reason stays, and it raises no alarm. Returns whether it moved.
local function put_first(ticket)
  if (RANKS[ticket_field(ticket, 'priority')] or RANKS.normal) <= RANKS.high then return false end
  redis.call('HSET', ticket_key(ticket), 'priority', 'high')
  if ticket_field(ticket, 'state') == 'waiting' then set_state(ticket, 'waiting') end
  return true
end
