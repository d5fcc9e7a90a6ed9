-- Stores a citizen's messages to an agent until they are answered.
-- @include work

local function replied_at(conversation)
  local id = redis.call('HGET', conversation_key(conversation), 'replied_staff') or '0'
  return tonumber(string.match(id, '^%d+'))
end

-- `lines` are messages in their inbox form; those older than the agent's last reply count as answered.
local function keep_unanswered(conversation, lines)
  local key, replied = unanswered_key(conversation), replied_at(conversation)
  for _, line in ipairs(lines) do
    if cjson.decode(line).at > replied then redis.call('RPUSH', key, line) end
  end
  redis.call('LTRIM', key, -UNANSWERED_KEPT, -1)
end

-- Marks all stored messages as answered and deletes them.
local function forget_unanswered(conversation)
  local newest = redis.call('LINDEX', unanswered_key(conversation), -1)
  if not newest then return end
  redis.call('HSET', conversation_key(conversation), 'answered', cjson.decode(newest).at)
  redis.call('DEL', unanswered_key(conversation))
end

-- Returns the id of the newest unanswered message; '' if there is none.
local function newest_unanswered(conversation)
  local line = redis.call('LINDEX', inbox_key(conversation), -1)
    or redis.call('LINDEX', unanswered_key(conversation), -1)
  return line and cjson.decode(line).id or ''
end

-- Returns whether the citizen of the current ticket waits for the next words of staff: for the first ones, unless staff
-- reopened the conversation, or for an answer.
local function is_answer_owed(conversation, ticket)
  local facts = redis.call('HMGET', ticket_key(ticket), 'unanswered_since', 'replied', 'reopened')
  return facts[1] ~= false or not (facts[2] == '1' or facts[3]) or newest_unanswered(conversation) ~= ''
end

-- Marks the `wanted` messages as handed back to the assistant. Returns these, with `stay` also the others, and the time
-- of the first wanted one.
local function mark_handed_back(lines, wanted, stay)
  local marked, first_at = {}, nil
  for _, line in ipairs(lines) do
    local message = cjson.decode(line)
    if wanted[message.id] then
      first_at = first_at or message.at
      message.handed_back = true
      table.insert(marked, cjson.encode(message))
    elseif stay then
      table.insert(marked, line)
    end
  end
  return marked, first_at
end

-- Puts the messages with these ids into the inbox for the assistant: first the stored ones, then those already in the
-- inbox. Deletes all other stored messages.
local function hand_back(conversation, ids)
  local inbox, wanted = inbox_key(conversation), {}
  for _, id in ipairs(ids) do wanted[id] = true end
  local kept, kept_at = mark_handed_back(redis.call('LRANGE', unanswered_key(conversation), 0, -1), wanted, false)
  local pending, pending_at = mark_handed_back(redis.call('LRANGE', inbox, 0, -1), wanted, true)
  forget_unanswered(conversation)
  local first_at = kept_at or pending_at
  if not first_at then return end
  redis.call('DEL', inbox)
  for _, lines in ipairs({kept, pending}) do
    for _, line in ipairs(lines) do redis.call('RPUSH', inbox, line) end
  end
  redis.call('HSET', conversation_key(conversation), 'answered', first_at - 1)
  enqueue_work(conversation)
end
