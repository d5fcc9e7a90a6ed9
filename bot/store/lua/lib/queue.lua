-- Moves open tickets between their four states: waiting, claimed, snoozed, call-back.
-- @include tickets

local ALARM_AGAIN_MS = 15 * 60 * 1000

-- Sorts by rank, then by time of opening. A ticket that already had an agent comes right after the emergencies, or
-- before them if it is one. A ticket of a sender with many tickets comes after all others, unless it is an emergency.
local function queue_score(ticket)
  local facts = redis.call('HMGET', ticket_key(ticket), 'priority', 'opened_at', 'returned', 'crowded')
  local rank = RANKS[facts[1]] or RANKS.normal
  if facts[4] and facts[1] ~= 'emergency' then rank = RANKS.normal + 0.5 end
  if facts[3] then rank = facts[1] == 'emergency' and -0.5 or 0.5 end
  return rank * 1e13 + tonumber(facts[2])
end

-- Records that a ticket left its queue (`step` -1) or entered it before the end (`step` 1), for the estimated wait.
local function record_move(team, rank, step)
  redis.call('LPUSH', moves_key(team), now_ms() .. ' ' .. rank .. ' ' .. step)
  redis.call('LTRIM', moves_key(team), 0, MOVES_KEPT - 1)
  redis.call('EXPIRE', moves_key(team), PACE_TTL_S)
end

-- Takes a ticket off the lists of those that do not wait.
local function unlist(ticket)
  redis.call('SREM', CLAIMED, ticket)
  redis.call('ZREM', SNOOZED, ticket)
  redis.call('ZREM', CALLBACKS, ticket)
end

local function remove_from_queues(ticket)
  local team = ticket_field(ticket, 'team')
  local rank = team and redis.call('ZRANK', queue_key(team), ticket)
  if rank then
    redis.call('ZREM', queue_key(team), ticket)
    record_move(team, rank, -1)
  end
  unlist(ticket)
end

-- Makes the alarm of an emergency due at the time `due` (ms), now without it; does nothing for other tickets.
local function raise_alarm(ticket, due)
  if ticket_field(ticket, 'priority') ~= 'emergency' then return end
  redis.call('HSET', ticket_key(ticket), 'alarm_at', due or now_ms())
  redis.call('HDEL', ticket_key(ticket), 'alarmed', 'alarm_tries')
  redis.call('ZADD', ALARMS, due or now_ms(), ticket)
end

-- Raises the alarm of a waiting ticket whose citizen denied the emergency and told one again: who got it may have stood
-- down. A danger of a new kind (`is_new`) alarms now, one told before once in ALARM_AGAIN_MS: the first time now,
-- then when that time is over. An alarm that nobody got yet stays as it is, except one that is put off for a new kind.
local function raise_alarm_again(ticket, is_new)
  local key = ticket_key(ticket)
  local facts = redis.call('HMGET', key, 'state', 'alarmed', 'alarm_at', 'alarmed_again')
  local put_off = is_new and tonumber(facts[3] or 0) > now_ms()
  if facts[1] ~= 'waiting' or not (facts[2] or put_off) then return end
  if is_new then return raise_alarm(ticket) end
  local due = math.max(now_ms(), tonumber(facts[4] or 0) + ALARM_AGAIN_MS)
  redis.call('HSET', key, 'alarmed_again', due)
  raise_alarm(ticket, due)
end

-- Sets a ticket's state and lists it under that state only; `moment`: end of the snooze, or due time of the call-back.
local function set_state(ticket, state, moment)
  remove_from_queues(ticket)
  redis.call('HSET', ticket_key(ticket), 'state', state)
  if state == 'waiting' then
    local team = ticket_field(ticket, 'team')
    redis.call('SADD', QUEUES, team)
    redis.call('ZADD', queue_key(team), queue_score(ticket), ticket)
    local rank = redis.call('ZRANK', queue_key(team), ticket)
    if rank < redis.call('ZCARD', queue_key(team)) - 1 then record_move(team, rank, 1) end
  elseif state == 'claimed' then
    redis.call('SADD', CLAIMED, ticket)
  else
    redis.call('ZADD', state == 'snoozed' and SNOOZED or CALLBACKS, moment, ticket)
  end
end

-- Snoozes the ticket for `lasts_ms`, until the citizen's next message. A reply to it begins that time anew.
local function snooze_ticket(ticket, lasts_ms)
  local until_ms = now_ms() + lasts_ms
  set_state(ticket, 'snoozed', until_ms)
  redis.call('HSET', ticket_key(ticket), 'snooze_ms', lasts_ms)
  append_ticket_event(ticket, 'ticket_snoozed', {until_ms = until_ms})
end

-- Returns the ticket's position, counted from 1, or nil if it is not waiting.
local function position(ticket)
  local rank = redis.call('ZRANK', queue_key(ticket_field(ticket, 'team')), ticket)
  return rank and rank + 1 or nil
end
