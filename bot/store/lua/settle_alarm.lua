-- Stores who got a ticket's alarm and the number of attempts; schedules a retry after `retry_ms`, or none if that is 0.
-- @args ticket, alarmed, tries:number, retry_ms:number
-- @returns 1
-- @include clock

if redis.call('EXISTS', ticket_key(ticket)) == 1 then
  redis.call('HSET', ticket_key(ticket), 'alarmed', alarmed, 'alarm_tries', tries)
end
if retry_ms == 0 then
  redis.call('ZREM', ALARMS, ticket)
else
  redis.call('ZADD', ALARMS, now_ms() + retry_ms, ticket)
end
return 1
