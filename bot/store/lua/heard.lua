-- Ends the reservation by take_unheard, and removes the `count` oldest turns, which Rasa's tracker now has.
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
