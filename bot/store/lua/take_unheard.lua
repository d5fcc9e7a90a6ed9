-- Returns the turns of a conversation that Rasa's tracker lacks, and reserves them for one process.
-- @args conversation
-- @returns the turns, oldest first; nil while another process has reserved them

if not redis.call('SET', lease_key('unheard:' .. conversation), 1, 'NX', 'EX', UNHEARD_LEASE_S) then return false end
return redis.call('LRANGE', unheard_key(conversation), 0, -1)
