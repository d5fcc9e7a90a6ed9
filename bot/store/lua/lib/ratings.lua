-- Stores citizens' ratings: for each ticket one score and one comment.
-- @include events

local function append_rating(conversation, ticket, score, words)
  append_event(conversation, 'opinion', 'citizen', words, cjson.encode({ticket = ticket, score = tonumber(score)}))
end

-- Returns 1, or 0 if the ticket is not theirs, had no agent, is open, or has a score.
local function rate(conversation, ticket, score, words)
  local facts = redis.call('HMGET', ticket_key(ticket), 'conversation', 'owner_id', 'outcome')
  if facts[1] ~= conversation or not facts[2] or not facts[3] then return 0 end
  if redis.call('HSETNX', ticket_key(ticket), 'score', score) == 0 then return 0 end
  append_rating(conversation, ticket, score, words)
  return 1
end

local function add_comment(conversation, ticket, words)
  local facts = redis.call('HMGET', ticket_key(ticket), 'conversation', 'score')
  if facts[1] ~= conversation or not facts[2] then return end
  if redis.call('HSETNX', ticket_key(ticket), 'remarked', 1) == 0 then return end
  append_rating(conversation, ticket, facts[2], words)
end
