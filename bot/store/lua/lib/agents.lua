-- Finds the best agent for a waiting ticket.
-- @include languages, tickets

local function contains(list, wanted)
  for _, one in ipairs(list) do
    if one == wanted then return true end
  end
  return false
end

-- Returns the number of claimed tickets of each agent.
local function count_loads()
  local loads = {}
  for _, ticket in ipairs(redis.call('SMEMBERS', CLAIMED)) do
    local owner = ticket_field(ticket, 'owner_id')
    if owner then loads[owner] = (loads[owner] or 0) + 1 end
  end
  return loads
end

-- Returns the agent's data if they are available and below their capacity, else nil.
local function free_agent(staff, load)
  local facts = redis.call('HMGET', agent_key(staff),
    'presence', 'name', 'teams', 'capacity', 'given_at', 'languages')
  if facts[1] ~= 'available' or load >= tonumber(facts[4]) then return end
  return {
    id = staff, name = facts[2], teams = cjson.decode(facts[3]), load = load, given_at = tonumber(facts[5] or 0),
    languages = cjson.decode(facts[6] or '[]'), vanished = redis.call('EXISTS', vanished_key(staff)),
  }
end

-- Orders agents: first those who did not vanish recently, then by fewest tickets, then by oldest assignment.
local function is_before(one, other)
  for _, name in ipairs({'vanished', 'load', 'given_at', 'id'}) do
    if one[name] ~= other[name] then return one[name] < other[name] end
  end
  return false
end

local function free_agents()
  local loads, free = count_loads(), {}
  for _, staff in ipairs(redis.call('SMEMBERS', AGENTS)) do
    local agent = free_agent(staff, loads[staff] or 0)
    if agent then table.insert(free, agent) end
  end
  table.sort(free, is_before)
  return free
end

local function serving(agents, team)
  local found = {}
  for _, agent in ipairs(agents) do
    if #agent.teams == 0 or contains(agent.teams, team) then table.insert(found, agent) end
  end
  return found
end

-- Returns the first agent who speaks the citizen's language, else the first; never one who recently lost the ticket.
local function best_agent(ticket, agents)
  local language, anybody = language_of(ticket_field(ticket, 'conversation')), nil
  for _, agent in ipairs(agents) do
    if redis.call('SISMEMBER', lost_key(agent.id), ticket) == 0 then
      if not language or contains(agent.languages, language) then return agent end
      anybody = anybody or agent
    end
  end
  return anybody
end
