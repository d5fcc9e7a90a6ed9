-- Stores citizens' ratings: one score and one comment for each ticket, and the newest rating of each answer.
-- @include events

local function append_rating(conversation, ticket, score, words)
  append_event(conversation, 'opinion', 'citizen', words, cjson.encode({ticket = ticket, score = tonumber(score)}))
end

-- Returns 1; 0 if the ticket belongs to another conversation, had no agent, is open, or already has a score.
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

-- Returns the answer that the citizen may rate (its provenance and rating id), its newest rating, and the number of its
-- ratings. If `id` is '', the answer is the newest one.
local function rated_answer(conversation, id)
  local newest, count = nil, 0
  for _, entry in ipairs(redis.call('XREVRANGE', log_key(conversation), '+', '-', 'COUNT', LOG_LENGTH)) do
    local event = {}
    for i = 1, #entry[2], 2 do event[entry[2][i]] = entry[2][i + 1] end
    if string.find(event.data, id ~= '' and id or '"rating_id"', 1, true) then
      local facts = cjson.decode(event.data)
      if event.kind == 'answer_rated' and facts.answer == id then
        newest, count = newest or facts, count + 1
      elseif event.kind == 'message' and facts.rating_id and facts.provenance
          and (id == '' or facts.rating_id == id) then
        return facts, newest, count
      end
    end
  end
end

-- Returns 1, or 0 if the citizen was not asked about the answer. Does not store a repeated rating, nor more than
-- MAX_RATINGS_OF_AN_ANSWER.
local function rate_answer(conversation, rating)
  local answer, newest, count = rated_answer(conversation, rating.answer)
  if not answer then return 0 end
  local is_same = newest and newest.useful == rating.useful
    and (rating.reason == '' or newest.reason == rating.reason)
  if is_same or count >= MAX_RATINGS_OF_AN_ANSWER then return 1 end
  append_event(conversation, 'answer_rated', 'citizen', '', cjson.encode({answer = answer.rating_id,
    entry = answer.provenance.entry, version = answer.provenance.version,
    useful = rating.useful, reason = rating.reason}))
  return 1
end
