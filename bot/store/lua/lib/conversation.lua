-- Creates conversations, and updates their speaker and the facts known about the citizen.
-- @include events

-- Returns 1 if the conversation is new, else 0. An empty address keeps the stored one.
local function create_conversation(conversation, channel, address)
  local key = conversation_key(conversation)
  local created = redis.call('HSETNX', key, 'channel', channel)
  if address ~= '' then redis.call('HSET', key, 'address', address) end
  if created == 1 then redis.call('HSET', key, 'speaker', 'assistant', 'welcomed', 0, 'queued', 0) end
  return created
end

-- Returns whether this is the conversation's open ticket; a call-back is not.
local function is_current_ticket(conversation, ticket)
  return redis.call('HGET', conversation_key(conversation), 'ticket') == ticket
end

local function set_speaker(conversation, ticket, speaker)
  if not is_current_ticket(conversation, ticket) then return end
  redis.call('HSET', conversation_key(conversation), 'speaker', speaker)
  if speaker == 'staff' then redis.call('HDEL', conversation_key(conversation), 'buttons', 'form', 'to_explain') end
end

-- Lets the assistant continue from an agent's entry and summary for a few turns.
local function resume_from(conversation, entry, summary)
  redis.call('HSET', conversation_key(conversation),
    'resumed', entry, 'resumed_summary', summary, 'resumed_for', RESUMED_TURNS)
end

-- Forgets the agent's entry once the assistant has sent an FAQ answer.
local function forget_resumed_when_answered(conversation, events)
  for _, event in ipairs(events) do
    local answers = event.author == 'assistant' and cjson.decode(event.data).provenance
    if answers then redis.call('HDEL', conversation_key(conversation), 'resumed') end
  end
end

-- Stores the last exchanges (`dialogue`), and the turn itself if it is to be added to Rasa's tracker later (`unheard`).
local function remember_turn(conversation, dialogue, unheard)
  if dialogue then redis.call('HSET', conversation_key(conversation), 'dialogue', dialogue) end
  if not unheard then return end
  redis.call('RPUSH', unheard_key(conversation), unheard)
  redis.call('ZADD', UNHEARD, now_ms(), conversation)
end

local function learn(conversation, facts)
  local key, is_new = conversation_key(conversation), false
  local known = cjson.decode(redis.call('HGET', key, 'known') or '{}')
  for name, value in pairs(facts) do
    is_new = is_new or known[name] ~= value
    known[name] = value
  end
  if not is_new then return end
  redis.call('HSET', key, 'known', cjson.encode(known))
  append_event(conversation, 'known', 'system', '', cjson.encode(known))
end

-- Returns whether the citizen got a public notice, or that of a block; `told:` is the field of older releases.
local function was_notified(conversation, notice)
  local marks = redis.call('HMGET', conversation_key(conversation), 'notified:' .. notice, 'told:' .. notice)
  return marks[1] ~= false or marks[2] ~= false
end

-- Records the public notices (ids, or nil) that were sent to the citizen.
local function mark_notified(conversation, notices)
  for _, notice in ipairs(notices or {}) do
    redis.call('HSET', conversation_key(conversation), 'notified:' .. notice, 1)
  end
end
