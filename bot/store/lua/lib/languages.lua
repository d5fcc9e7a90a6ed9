-- Decides in which language a citizen reads a notice and its buttons; no other code does.
-- A text without a translation into the citizen's known language stays Spanish. The language of the latest message does
-- not matter.

-- Returns nil if no language is known, or what is known cannot be read.
local function language_of(conversation)
  local known = redis.call('HGET', conversation_key(conversation), 'known')
  local parsed, facts = pcall(cjson.decode, known or '{}')
  return parsed and type(facts) == 'table' and facts.idioma or nil
end

-- Gives each event with `languages` its text and data in the citizen's language, if it has them. Returns the events.
local function translate(conversation, events)
  local language = language_of(conversation)
  for _, event in ipairs(events) do
    local own = language and event.languages and event.languages[language]
    if own then event.text, event.data = own.text, own.data end
    event.languages = nil
  end
  return events
end

-- Keeps the buttons that the citizen was offered; `buttons` maps languages to JSON, «es» to that of all others.
local function offer(conversation, buttons)
  local language = language_of(conversation)
  redis.call('HSET', conversation_key(conversation), 'buttons', language and buttons[language] or buttons.es)
end
