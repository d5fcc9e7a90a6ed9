-- Returns the first UNHEARD_AT_ONCE turns of a conversation that Rasa's tracker lacks, and reserves all of them.
-- `reservation`: a name that no other call uses. The same call sent again, after a lost reply, gets the turns again.
-- @args conversation, reservation
-- @returns the turns, oldest first; nil while another process has reserved them

local lease = lease_key('unheard:' .. conversation)
local reserved = redis.call('SET', lease, reservation, 'NX', 'EX', UNHEARD_LEASE_S)
if not reserved and redis.call('GET', lease) ~= reservation then return false end
return redis.call('LRANGE', unheard_key(conversation), 0, UNHEARD_AT_ONCE - 1)
