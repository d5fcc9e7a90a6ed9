-- Raises the priority of open tickets.
-- @include queue

local function escalate(ticket, priority)
  local is_new = ticket_field(ticket, 'priority') ~= priority
  redis.call('HSET', ticket_key(ticket), 'priority', priority, 'reason', priority)
  if ticket_field(ticket, 'state') ~= 'waiting' then return end
  set_state(ticket, 'waiting')
  if is_new then raise_alarm(ticket) end
end

-- Moves a ticket before those of lower priority, also one that waits behind all for its sender's many (queue_score,
-- queue.lua); its reason stays, and it raises no alarm. Returns whether it moved.
local function put_first(ticket)
  local rank = RANKS[ticket_field(ticket, 'priority')] or RANKS.normal
  local was_behind = redis.call('HDEL', ticket_key(ticket), 'crowded') == 1 and rank > RANKS.emergency
  if rank <= RANKS.high and not was_behind then return false end
  redis.call('HSET', ticket_key(ticket), 'priority', 'high')
  if ticket_field(ticket, 'state') == 'waiting' then set_state(ticket, 'waiting') end
  return true
end
