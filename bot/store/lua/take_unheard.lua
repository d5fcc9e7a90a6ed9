-- Returns the UNHEARD_AT_ONCE oldest turns that Rasa's tracker lacks of a conversation, and reserves all of them.
-- @args conversation
-- @returns the turns, oldest first; nil while another process has reserved them

if not redis.call('SET', lease_key('unheard:' .. conversation), 1, 'NX', 'EX', UNHEARD_LEASE_S) then return false end
return redis.call('LRANGE', unheard_key(conversation), 0, UNHEARD_AT_ONCE - 1)
