-- Assigns the first waiting ticket that any agent with free capacity serves to the best of those agents.
-- {nombre} and {equipo} in `events` are the names of the agent and of the team (from `names`).
-- @args events:json, names:json
-- @returns "ticket staff" | '' when no ticket can be assigned
-- @include agents, assignment, damage

local free = free_agents()
local best, best_score, owner
for _, team in ipairs(redis.call('SMEMBERS', QUEUES)) do
  local agents, agent = serving(free, team), nil
  if #agents > 0 then
    local first, score = first_in_queue(team, function(ticket)
      agent = best_agent(ticket, agents)
      return agent
    end)
    if first and (not best or score < best_score) then best, best_score, owner = first, score, agent end
  end
end
if not best then return '' end
redis.call('HSET', agent_key(owner.id), 'given_at', now_ms())
assign_ticket(best, owner, events, {why = 'assigned'}, names)
return best .. ' ' .. owner.id
