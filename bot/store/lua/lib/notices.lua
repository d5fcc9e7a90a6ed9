-- Sends unsolicited notices to citizens if allowed.
-- @include events

-- Returns whether the citizen may be sent a message now; outside the reply window only with `by_template`, if possible.
local function in_window(conversation, by_template)
  local facts = redis.call('HMGET', conversation_key(conversation), 'channel', 'inbound_at')
  local lasts_ms = REPLY_WINDOWS_MS[facts[1]]
  if not lasts_ms or now_ms() < tonumber(facts[2] or 0) + lasts_ms then return true end
  return by_template == true and TEMPLATE_AFTER_WINDOW[facts[1]]
end

local function refuses_notices(conversation)
  return redis.call('SISMEMBER', NOTICES_OFF, conversation) == 1
end

local function may_notify(conversation)
  return in_window(conversation) and not refuses_notices(conversation)
end

-- Appends `events` in the citizen's language, with each {name} in their text replaced by its value.
local function notify(conversation, events, values)
  translate(conversation, events)
  for name, value in pairs(values) do
    for _, event in ipairs(events) do
      event.text = string.gsub(event.text, '{' .. name .. '}', function() return tostring(value) end)
    end
  end
  append_events(conversation, events)
end
