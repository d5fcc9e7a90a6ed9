-- Stores who got a ticket's alarm and the number of attempts; schedules a retry after `retry_ms` (0: no retry).
-- If the reservation has ended, another process has the alarm, or the ticket raised a new alarm. Then only who got the
-- alarm is added, and nothing if the alarm is new (`raised` is no longer the ticket's `alarm_at`).
-- @args ticket, reserved, raised, alarmed, tries:number, retry_ms:number
-- @returns 1 | 0 when the reservation has ended
-- @include clock

local key = ticket_key(ticket)
local is_reserved = tonumber(redis.call('ZSCORE', ALARMS, ticket) or 0) == tonumber(reserved)
if redis.call('EXISTS', key) == 1 and (redis.call('HGET', key, 'alarm_at') or '') == raised then
  local all, known = {}, {}
  for _, names in ipairs({redis.call('HGET', key, 'alarmed') or '[]', alarmed}) do
    for _, name in ipairs(cjson.decode(names)) do
      if not known[name] then table.insert(all, name) end
      known[name] = true
    end
  end
  if #all > 0 then redis.call('HSET', key, 'alarmed', cjson.encode(all)) end
  if is_reserved then redis.call('HSET', key, 'alarm_tries', tries) end
end
if not is_reserved then return 0 end
if retry_ms == 0 then
  redis.call('ZREM', ALARMS, ticket)
else
  redis.call('ZADD', ALARMS, now_ms() + retry_ms, ticket)
end
return 1
