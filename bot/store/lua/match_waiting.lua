-- Compares tickets of a queue with the filters of the desk's list; changes nothing.
-- @args team, tickets:json, channel, reason
-- @returns the tickets with this channel and this reason ('' fits all) that still wait, each with its score (flat)

local found = {}
for _, ticket in ipairs(tickets) do
  local facts = redis.call('HMGET', ticket_key(ticket), 'channel', 'reason')
  local fits = (channel == '' or facts[1] == channel) and (reason == '' or facts[2] == reason)
  local score = fits and redis.call('ZSCORE', queue_key(team), ticket)
  if score then
    table.insert(found, ticket)
    table.insert(found, score)
  end
end
return found
