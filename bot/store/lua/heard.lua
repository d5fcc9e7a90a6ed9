-- Ends the reservation of take_unheard, and removes the turns that Rasa's tracker has by now.
-- @args conversation, count:number
-- @returns nothing
-- @include clock

redis.call('LTRIM', unheard_key(conversation), count, -1)
if redis.call('EXISTS', unheard_key(conversation)) == 0 then
  redis.call('ZREM', UNHEARD, conversation)
else
  redis.call('ZADD', UNHEARD, 'XX', now_ms(), conversation)
end
redis.call('DEL', lease_key('unheard:' .. conversation))
