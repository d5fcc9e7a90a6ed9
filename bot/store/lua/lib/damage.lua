-- Recognizes tickets that cannot be parsed, and puts them aside.
-- @include queue

local function are_candidates(json)
  local parsed, candidates = pcall(cjson.decode, json)
  if not parsed or type(candidates) ~= 'table' then return false end
  for _, one in pairs(candidates) do
    if type(one) ~= 'table' or one.entry == nil or one.question == nil or one.confidence == nil then return false end
  end
  return true
end

-- Returns whether scripts and Ticket.from_hash can read the ticket; false also if it has no hash.
local function is_readable(ticket)
  local key = ticket_key(ticket)
  if redis.call('TYPE', key).ok ~= 'hash' then return false end
  local facts = redis.call('HMGET', key, 'conversation', 'channel', 'reason', 'priority', 'state', 'team', 'summary',
    'candidates', 'opened_at', 'claimed_at', 'unanswered_since', 'owner_id', 'owner_name')
  for i = 1, 9 do
    if not facts[i] then return false end
  end
  if facts[12] and not facts[13] then return false end
  local known = CHANNELS[facts[2]] and REASONS[facts[3]] and RANKS[facts[4]] and TICKET_STATES[facts[5]]
  local times = string.match(facts[9], '^%d+$') and tonumber(facts[10] or 0) and tonumber(facts[11] or 0)
  return known and times and are_candidates(facts[8]) or false
end

-- Takes a ticket out of all lists. A hash that cannot be read is kept under another name, so that the record's ticket
-- can take its place; the sweeper sees it in ASIDE, where 0 means that it has not restored tickets since.
local function put_aside(ticket, team)
  if team then redis.call('ZREM', queue_key(team), ticket) end
  unlist(ticket)
  if redis.call('EXISTS', ticket_key(ticket)) == 0 then return end
  redis.call('RENAME', ticket_key(ticket), aside_key(ticket))
  redis.call('EXPIRE', aside_key(ticket), IDLE_TTL_S)
  redis.call('HSET', ASIDE, ticket, 0)
end

-- Returns the first ticket for which `fits` is true, and its score. Puts unreadable tickets before it aside.
local function first_in_queue(team, fits)
  local key, skipped = queue_key(team), 0
  while true do
    local found = redis.call('ZRANGE', key, skipped, skipped, 'WITHSCORES')
    if not found[1] then return end
    if not is_readable(found[1]) then
      put_aside(found[1], team)
    elseif fits and not fits(found[1]) then
      skipped = skipped + 1
    else
      return found[1], tonumber(found[2])
    end
  end
end
