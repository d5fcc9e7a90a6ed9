-- Stores the dangers that a citizen described, by kind: whether it is sure, and when its number was last sent (ms).
-- @include clock

local function dangers_of(conversation)
  return cjson.decode(redis.call('HGET', conversation_key(conversation), 'dangers') or '{}')
end

-- Stores the dangers that the replies in `events` answer. A danger that was sure stays sure.
local function keep_dangers(conversation, events)
  local dangers, told = dangers_of(conversation), false
  for _, event in ipairs(events) do
    local danger = cjson.decode(event.data).danger
    if danger then
      local before = dangers[danger.kind]
      dangers[danger.kind] = {sure = danger.sure or (before ~= nil and before.sure), at = now_ms()}
      told = true
    end
  end
  if told then redis.call('HSET', conversation_key(conversation), 'dangers', cjson.encode(dangers)) end
end

local function forget_dangers(conversation)
  redis.call('HDEL', conversation_key(conversation), 'dangers')
end
