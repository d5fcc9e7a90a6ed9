-- Withdraws the messages of broadcasts, and public notices that nobody asked for, that still wait in an outbox.
-- @include notices, outbox

-- Returns whether a public notice was lifted, corrected or is over; false if Redis has lost the notices.
local function has_ended(notice)
  local known = redis.call('GET', PUBLIC_NOTICES)
  for _, one in ipairs(known and cjson.decode(known) or {}) do
    if one.id == notice then return one.ends_at <= now_ms() end
  end
  return known ~= false
end

-- Returns why the oldest unsent event must not be sent: 'off' after «baja», 'stopped', 'ended'; nil if it may be.
local function withdrawn_because(conversation)
  local facts = cjson.decode(oldest_unsent(conversation).data or '{}')
  if facts.lapses and has_ended(facts.notice) then return 'ended' end
  if not facts.broadcast then return nil end
  if refuses_notices(conversation) then return 'off' end
  return redis.call('SISMEMBER', BROADCASTS_STOPPED, facts.broadcast) == 1 and 'stopped' or nil
end

-- Returns whether an earlier attempt may have reached the citizen; `attempt` is the present one.
local function may_have_arrived(conversation, attempt)
  local names = {'out_part', 'out_begun', 'out_attempt', 'out_unsure'}
  local facts = redis.call('HMGET', conversation_key(conversation), unpack(names))
  local begun = tonumber(facts[2] or 0) - (facts[3] == attempt and 1 or 0)
  return begun > 0 or tonumber(facts[1] or 0) > 0 or tonumber(facts[4] or 0) > 0
end

-- Drops the oldest unsent event and marks it as failed. Unless it may have arrived, the withdrawal of a broadcast's
-- message is listed for the record.
local function withdraw_oldest(conversation, why, attempt)
  local event = oldest_unsent(conversation)
  local facts, arrived = cjson.decode(event.data), may_have_arrived(conversation, attempt)
  drop_oldest_unsent(conversation)
  fail_delivery(conversation, event.id, arrived and 'unknown' or 'withdrawn')
  if arrived or not facts.broadcast then return end
  redis.call('DEL', broadcast_key(facts.broadcast, conversation))
  redis.call('RPUSH', BROADCASTS_WITHDRAWN,
    cjson.encode({broadcast = facts.broadcast, conversation = conversation, event = event.id, why = why}))
end
