-- Stores notices to agents: they were mentioned in a note, got a ticket, or lost one.
-- @include clock, tickets

-- `notice` has `kind`, `by` (a name), and optionally `to` (a name) and `text`.
local function notify_staff(staff, ticket, notice)
  local key, now = staff_notices_key(staff), now_ms()
  notice.ticket, notice.conversation, notice.at = ticket, ticket_field(ticket, 'conversation'), now
  redis.call('HSET', key, string.format('%d-%s-%s', now, ticket, notice.kind), cjson.encode(notice))
  redis.call('EXPIRE', key, IDLE_TTL_S)
end

-- Notifies the ticket's `owner` that `mover` took the ticket from them, unless they moved it themselves.
local function notify_loser(owner, ticket, mover, notice)
  if owner and owner ~= mover then notify_staff(owner, ticket, notice) end
end
