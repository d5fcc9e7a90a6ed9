-- Counts an attempt at a part of the oldest unsent event whose outcome is not known yet.
-- It withdraws the event instead if its broadcast was stopped, its notice has ended, or its citizen wrote «baja»
-- meanwhile.
-- `attempt` is a unique id: a command that the client repeats because its reply was lost counts once.
-- @args conversation, event, attempt
-- @returns number of such attempts, including this one | 0 when the event is no longer the oldest | -1 when withdrawn
-- @include outbox, withdrawing

if not is_oldest_unsent(conversation, event) then return 0 end
local why = withdrawn_because(conversation)
if why then
  withdraw_oldest(conversation, why, attempt)
  return -1
end
local key = conversation_key(conversation)
if redis.call('HGET', key, 'out_attempt') ~= attempt then
  redis.call('HINCRBY', key, 'out_begun', 1)
  redis.call('HSET', key, 'out_attempt', attempt)
end
return tonumber(redis.call('HGET', key, 'out_begun'))
