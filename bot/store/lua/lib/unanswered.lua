-- Keeps what a citizen wrote to a person until somebody answers it.
-- @include work

local function replied_at(conversation)
  local id = redis.call('HGET', conversation_key(conversation), 'replied_staff') or '0'
  return tonumber(string.match(id, '^%d+'))
end

-- `lines`: messages as they lay in the inbox. What came before a person's last words was answered by them.
local function keep_unanswered(conversation, lines)
  local key, replied = unanswered_key(conversation), replied_at(conversation)
  for _, line in ipairs(lines) do
    if cjson.decode(line).at > replied then redis.call('RPUSH', key, line) end
  end
  redis.call('LTRIM', key, -UNANSWERED_KEPT, -1)
end

-- All that is kept counts as answered.
local function forget_unanswered(conversation)
  local newest = redis.call('LINDEX', unanswered_key(conversation), -1)
  if not newest then return end
  redis.call('HSET', conversation_key(conversation), 'answered', cjson.decode(newest).at)
  redis.call('DEL', unanswered_key(conversation))
end

-- Returns the id of the newest message that nobody has answered, '' when there is none.
local function newest_unanswered(conversation)
  local line = redis.call('LINDEX', inbox_key(conversation), -1)
    or redis.call('LINDEX', unanswered_key(conversation), -1)
  return line and cjson.decode(line).id or ''
end

-- Returns what of `lines` is `wanted`, marked, and the others only when they `stay`; and when the first wanted came.
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

-- Gives the messages of these ids to the assistant, whoever has read them, before all others; the rest is forgotten.
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
