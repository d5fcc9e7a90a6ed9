-- Sets the presence of agents.

-- One other than `available` is remembered for when the agent's browser is back after its lease.
local function set_presence(staff, presence)
  redis.call('HSET', agent_key(staff), 'presence', presence)
  if presence == 'available' then
    redis.call('DEL', presence_key(staff))
  else
    redis.call('SET', presence_key(staff), presence, 'EX', PRESENCE_TTL_S)
  end
end
