-- Renews an agent's presence for `lease_ms`.
-- An empty `presence` keeps the current one, initially available. `available` also forgets the tickets that the agent
-- lost, so that these may be assigned to the agent again.
-- @args staff, lease_ms, name, presence, teams, capacity, languages
-- @returns presence

local key = agent_key(staff)
redis.call('HSETNX', key, 'presence', 'available')
redis.call('HSET', key, 'name', name, 'teams', teams, 'capacity', capacity, 'languages', languages)
if presence ~= '' then redis.call('HSET', key, 'presence', presence) end
if presence == 'available' then redis.call('DEL', lost_key(staff), vanished_key(staff)) end
redis.call('PEXPIRE', key, lease_ms)
redis.call('SADD', AGENTS, staff)
return redis.call('HGET', key, 'presence')
