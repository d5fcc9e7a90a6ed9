-- Takes the words of one message out of texts, lists and hashes.
-- @include outbox

local function replace_all(text, form, by)
  local parts, from = {}, 1
  while true do
    local first, last = string.find(text, form, from, true)
    if not first then break end
    table.insert(parts, string.sub(text, from, first - 1) .. by)
    from = last + 1
  end
  if from == 1 then return text end
  table.insert(parts, string.sub(text, from))
  return table.concat(parts)
end

-- `forms`: pairs of what to look for and what takes its place, the longest first.
local function without(text, forms)
  for _, form in ipairs(forms) do text = replace_all(text, form[1], form[2]) end
  return text
end

local function clean_hash(key, fields, forms, wholes)
  for _, field in ipairs(fields) do
    local old = redis.call('HGET', key, field)
    local new = old and without(old, forms)
    for _, whole in ipairs(wholes) do
      if old == whole then new = '' end
    end
    if new and new ~= old then redis.call('HSET', key, field, new) end
  end
end

local function clean_list(key, forms)
  for place, line in ipairs(redis.call('LRANGE', key, 0, -1)) do
    local new = without(line, forms)
    if new ~= line then redis.call('LSET', key, place - 1, new) end
  end
end

local function drop_pending(key, message_id)
  if message_id == '' then return end
  for _, line in ipairs(redis.call('LRANGE', key, 0, -1)) do
    if cjson.decode(line).id == message_id then redis.call('LREM', key, 1, line) end
  end
end

-- Takes a message that no provider has yet out of the outbox.
local function drop_unsent(conversation, event, forms)
  local key = outbox_key(conversation)
  if is_oldest_unsent(conversation, event) then drop_oldest_unsent(conversation) end
  for _, line in ipairs(redis.call('LRANGE', key, 0, -1)) do
    if cjson.decode(line).id == event then redis.call('LREM', key, 1, line) end
  end
  clean_list(key, forms)
end

-- Writes the log anew, since entries of a stream cannot be changed; ids stay. Returns whether the message had words.
local function blank_in_log(conversation, event, stub, forms)
  local key, is_new = log_key(conversation), false
  local lines = redis.call('XRANGE', key, '-', '+')
  redis.call('DEL', key)
  for _, line in ipairs(lines) do
    local fields = line[2]
    for i = 1, #fields, 2 do
      local name = fields[i]
      if line[1] == event and name == 'text' then fields[i + 1] = ''
      elseif line[1] == event and name == 'data' then
        is_new = not string.find(fields[i + 1], '"removed_at":', 1, true)
        if is_new then fields[i + 1] = stub end
      elseif name == 'text' or name == 'data' then fields[i + 1] = without(fields[i + 1], forms)
      end
    end
    redis.call('XADD', key, line[1], unpack(fields))
  end
  return is_new
end
