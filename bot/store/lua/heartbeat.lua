-- Renews an agent's presence for `lease_ms`.
-- An empty `presence` keeps the one that the agent has or had last, initially available. `available` also forgets the
-- tickets that the agent lost, so that these may be assigned to the agent again.
-- @args staff, lease_ms, name, presence, teams, capacity, languages
-- @returns presence
-- @include presence

local key = agent_key(staff)
if presence == 'available' then redis.call('DEL', lost_key(staff), vanished_key(staff)) end
if presence == '' then
  presence = redis.call('HGET', key, 'presence') or redis.call('GET', presence_key(staff)) or 'available'
end
redis.call('HSET', key, 'name', name, 'teams', teams, 'capacity', capacity, 'languages', languages)
set_presence(staff, presence)
redis.call('PEXPIRE', key, lease_ms)
redis.call('SADD', AGENTS, staff)
return presence
