-- Sends unasked notices to citizens, if they are allowed.
-- @include events

-- Tells whether we may write freely: always, except outside WhatsApp's 24-hour window.
local function in_window(conversation)
  local facts = redis.call('HMGET', conversation_key(conversation), 'channel', 'inbound_at')
  return facts[1] ~= WHATSAPP or now_ms() < tonumber(facts[2] or 0) + WINDOW_MS
end

local function refuses_notices(conversation)
  return redis.call('SISMEMBER', NOTICES_OFF, conversation) == 1
end

local function may_notify(conversation)
  return in_window(conversation) and not refuses_notices(conversation)
end

-- Appends `events`, with each {name} in their text replaced by its value.
local function notify(conversation, events, values)
  for name, value in pairs(values) do
    for _, event in ipairs(events) do
      event.text = string.gsub(event.text, '{' .. name .. '}', function() return tostring(value) end)
    end
  end
  append_events(conversation, events)
end
