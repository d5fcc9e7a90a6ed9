-- Deletes the words of one message from the event log, lists and hashes.
-- @include outbox

-- `changes`: key, old and new line. Returns whether each list still had the old line.
local function rewrite_lists(changes)
  local all = true
  for _, change in ipairs(changes) do
    local found = false
    for place, line in ipairs(redis.call('LRANGE', change[1], 0, -1)) do
      if line == change[2] then
        redis.call('LSET', change[1], place - 1, change[3])
        found = true
      end
    end
    all = all and found
  end
  return all
end

-- `changes`: key, field, old and new value. Returns whether each field still had the old value.
local function rewrite_hashes(changes)
  local all = true
  for _, change in ipairs(changes) do
    local is_same = redis.call('HGET', change[1], change[2]) == change[3]
    if is_same then redis.call('HSET', change[1], change[2], change[4]) end
    all = all and is_same
  end
  return all
end

-- Deletes the message from a list of messages; returns the number of deleted lines.
local function drop_pending(key, message_id)
  local dropped = 0
  if message_id == '' then return dropped end
  for _, line in ipairs(redis.call('LRANGE', key, 0, -1)) do
    if cjson.decode(line).id == message_id then dropped = dropped + redis.call('LREM', key, 1, line) end
  end
  return dropped
end

-- If no unanswered message is left, stores that the ticket's owner owes the citizen no answer.
local function forgive_answer(conversation)
  if redis.call('LLEN', inbox_key(conversation)) + redis.call('LLEN', unanswered_key(conversation)) > 0 then return end
  local ticket = redis.call('HGET', conversation_key(conversation), 'ticket')
  if ticket then redis.call('HDEL', ticket_key(ticket), 'unanswered_since') end
end

-- Deletes a message that has not been sent yet from the outbox.
local function drop_unsent(conversation, event)
  local key = outbox_key(conversation)
  if is_oldest_unsent(conversation, event) then drop_oldest_unsent(conversation) end
  for _, line in ipairs(redis.call('LRANGE', key, 0, -1)) do
    if cjson.decode(line).id == event then redis.call('LREM', key, 1, line) end
  end
end

-- Rewrites the log with the same ids, since stream entries cannot be changed. `changes`: entry, field, old, new value.
-- Returns whether the message was not blank yet, and whether each other entry still had the old value.
local function blank_in_log(conversation, event, stub, changes)
  local key, is_new, wanted, done = log_key(conversation), false, {}, 0
  for _, change in ipairs(changes) do wanted[change[1] .. ' ' .. change[2]] = change end
  local lines = redis.call('XRANGE', key, '-', '+')
  redis.call('DEL', key)
  for _, line in ipairs(lines) do
    local fields = line[2]
    for i = 1, #fields, 2 do
      local name = fields[i]
      local change = wanted[line[1] .. ' ' .. name]
      if line[1] == event and name == 'text' then fields[i + 1] = ''
      elseif line[1] == event and name == 'data' then
        is_new = not string.find(fields[i + 1], '"removed_at":', 1, true)
        if is_new then fields[i + 1] = stub end
      elseif change and change[3] == fields[i + 1] then
        fields[i + 1] = change[4]
        done = done + 1
      end
    end
    redis.call('XADD', key, line[1], unpack(fields))
  end
  return is_new, done == #changes
end
