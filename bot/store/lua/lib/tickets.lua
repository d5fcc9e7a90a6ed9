-- Reads tickets and appends their events.
-- @include events

local function ticket_field(ticket, name)
  return redis.call('HGET', ticket_key(ticket), name)
end

local function is_open(ticket)
  local state = ticket_field(ticket, 'state')
  return state and state ~= 'closed'
end

local function is_owner(ticket, staff)
  local state = ticket_field(ticket, 'state')
  return (state == 'claimed' or state == 'snoozed') and ticket_field(ticket, 'owner_id') == staff
end

-- Returns whether the ticket is open and `staff` is its owner or a supervisor.
local function may_move(ticket, staff, supervises)
  return is_open(ticket) and (supervises or is_owner(ticket, staff))
end

local function append_ticket_event(ticket, kind, more)
  local facts = redis.call('HMGET', ticket_key(ticket), 'conversation', 'reason', 'priority', 'team', 'candidates',
    'opened_at', 'owner_id', 'owner_name', 'outcome', 'state', 'returned', 'summary')
  local data = more or {}
  data.ticket = ticket
  data.reason = facts[2]
  data.priority = facts[3]
  data.team = facts[4]
  data.opened_at = tonumber(facts[6])
  data.state = facts[10]
  data.candidates = cjson.decode(facts[5])
  if #data.candidates == 0 then data.candidates = nil end -- an empty list would be written as {}
  if facts[7] then data.owner_id, data.owner_name = facts[7], facts[8] end
  if facts[9] then data.outcome = facts[9] end
  if facts[11] then data.returned = true end
  if kind == 'ticket_opened' then data.summary = facts[12] end
  append_event(facts[1], kind, 'system', '', cjson.encode(data))
end
