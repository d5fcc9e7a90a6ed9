-- Measures the queues of tickets and finds the oldest waiting items.

local HALF_RANK = 5e12 -- half of a rank in a queue's score; returned tickets are half a rank off, see queue_score

-- Returns the earlier of two times, either of which may be nil.
local function older(at, other)
  return (not at or other and other < at) and other or at
end

-- Returns the time of the oldest message in the list, or nil.
local function oldest_in(list)
  local line = redis.call('LINDEX', list, 0)
  return line and tonumber(cjson.decode(line).at)
end

-- Returns `found` or the oldest message in the conversation's list, whichever is older, as {at, conversation}; or nil.
local function oldest_held(found, conversation, list)
  local at = oldest_in(list)
  if not at or found and found.at <= at then return found end
  return {at = at, conversation = conversation}
end

-- Returns how many tickets of the queue have a score in this half rank, and when the oldest of them was opened.
local function measure_slot(queue, slot)
  local from, to = slot * HALF_RANK, '(' .. (slot + 1) * HALF_RANK
  local first = redis.call('ZRANGEBYSCORE', queue, from, to, 'WITHSCORES', 'LIMIT', 0, 1)
  if not first[1] then return 0 end
  return redis.call('ZCOUNT', queue, from, to), tonumber(first[2]) - from
end

-- Adds the measures of a slot to `one`, which may be nil.
local function with_slot(one, queue, slot)
  local count, oldest = measure_slot(queue, slot)
  if count == 0 then return one end
  return {count = (one and one.count or 0) + count, oldest = older(one and one.oldest, oldest)}
end

-- Returns the count and the oldest time by team and priority, without empty ones; see queue_score for the half ranks.
local function measure_queues()
  local found = {}
  for _, team in ipairs(redis.call('SMEMBERS', QUEUES)) do
    local queue, slots = queue_key(team), {}
    if redis.call('ZCARD', queue) > 0 then
      for priority, rank in pairs(RANKS) do slots[priority] = with_slot(nil, queue, 2 * rank) end
      slots.emergency = with_slot(slots.emergency, queue, -1)
      slots.returned = with_slot(nil, queue, 1)
      slots.crowded = with_slot(nil, queue, 2 * RANKS.normal + 1)
      found[team] = slots
    end
  end
  return found
end
