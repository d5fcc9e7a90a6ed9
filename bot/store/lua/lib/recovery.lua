-- Restores conversations from the record after Redis was lost. Newer data that is already in Redis stays.
-- @include conversation, stream_ids

-- `lines` are events, oldest first, each an id followed by field, value, ...; newer events in Redis stay after them.
local function restore_log(conversation, lines)
  local key = log_key(conversation)
  local newer = redis.call('XRANGE', key, '-', '+')
  redis.call('DEL', key)
  for _, line in ipairs(lines) do
    if not newer[1] or is_earlier(line[1], newer[1][1]) then redis.call('XADD', key, unpack(line)) end
  end
  for _, line in ipairs(newer) do redis.call('XADD', key, line[1], unpack(line[2])) end
end

local function was_answered(lines)
  for _, line in ipairs(lines) do
    if line[5] ~= 'citizen' then return true end
  end
  return false
end

-- `archived`: id, channel, address (encrypted or ''), log, inbound_at (ms), known, dangers (JSON, or ''),
-- notices (ids of public notices), idle_s.
local function restore_conversation(archived)
  local key, known = conversation_key(archived.id), archived.known
  create_conversation(archived.id, archived.channel, archived.address)
  restore_log(archived.id, archived.log)
  if was_answered(archived.log) then redis.call('HSET', key, 'welcomed', 1) end
  redis.call('HSETNX', key, 'inbound_at', archived.inbound_at)
  redis.call('HSETNX', key, 'idle_s', archived.idle_s)
  mark_notified(archived.id, archived.notices)
  if archived.dangers ~= '' then redis.call('HSETNX', key, 'dangers', archived.dangers) end
  for name, value in pairs(cjson.decode(redis.call('HGET', key, 'known') or '{}')) do known[name] = value end
  redis.call('HSET', key, 'known', cjson.encode(known))
end
