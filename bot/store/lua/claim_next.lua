-- Claims the first waiting ticket of an agent's teams; of all teams if the agent has none.
-- {nombre} and {equipo} in `events` are the names of the agent and of the team (from `names`).
-- @args staff, name, teams:json, events:json, names:json
-- @returns {ticket, its hash (flat)} | {'', {}} when the queues are empty
-- @include assignment, damage

local served = #teams > 0 and teams or redis.call('SMEMBERS', QUEUES)
local best, best_score
for _, team in ipairs(served) do
  local first, score = first_in_queue(team)
  if first and (not best or score < best_score) then best, best_score = first, score end
end
if not best then return {'', {}} end
assign_ticket(best, {id = staff, name = name}, events, nil, names)
return {best, redis.call('HGETALL', ticket_key(best))}
