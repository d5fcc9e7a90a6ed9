-- Stores the dangers that a citizen described, by kind: if sure, when the number was last sent, when denied (ms).
-- @include clock

local function dangers_of(conversation)
  return cjson.decode(redis.call('HGET', conversation_key(conversation), 'dangers') or '{}')
end

-- Returns whether the citizen denied every danger that was sure, and there was one.
local function are_denied(dangers)
  local denied = false
  for _, kept in pairs(dangers) do
    if kept.sure and not kept.denied then return false end
    denied = denied or kept.sure
  end
  return denied
end

-- Stores the dangers that the replies in `events` answer.
-- A danger that was sure stays sure; only a sure one ends a denial.
-- Returns whether the citizen had denied the emergency and there is one again, and whether it has a kind that was
-- never sure before.
local function keep_dangers(conversation, events)
  local dangers, changed, is_new = dangers_of(conversation), false, false
  local were_denied = are_denied(dangers)
  for _, event in ipairs(events) do
    local danger = cjson.decode(event.data).danger
    if danger and danger.denied then
      for _, kept in pairs(dangers) do
        if kept.sure then kept.denied, changed = now_ms(), true end
      end
    elseif danger then
      local before = dangers[danger.kind] or {}
      local denied = not danger.sure and before.denied or nil
      is_new = is_new or (danger.sure and not before.sure)
      dangers[danger.kind] = {sure = danger.sure or before.sure == true, at = now_ms(), denied = denied}
      changed = true
    end
  end
  if changed then redis.call('HSET', conversation_key(conversation), 'dangers', cjson.encode(dangers)) end
  return were_denied and not are_denied(dangers), is_new
end

local function forget_dangers(conversation)
  redis.call('HDEL', conversation_key(conversation), 'dangers')
end
