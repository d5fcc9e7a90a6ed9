-- Ends a reservation by take_unheard, and removes the `count` oldest turns, which Rasa's tracker now has.
-- Does nothing if the reservation has ended, as after a lost reply: the turns may have been removed already.
-- @args conversation, reservation, count:number
-- @returns nothing
-- @include clock

local lease = lease_key('unheard:' .. conversation)
if redis.call('GET', lease) ~= reservation then return end
redis.call('LTRIM', unheard_key(conversation), count, -1)
if redis.call('EXISTS', unheard_key(conversation)) == 0 then
  redis.call('ZREM', UNHEARD, conversation)
else
  redis.call('ZADD', UNHEARD, 'XX', now_ms(), conversation)
end
redis.call('DEL', lease)
