-- Holds answers until an agent decides on them or they are due.
-- @include conversation, work

local function hold_for_approval(conversation, answer)
  local due, key = now_ms() + answer.wait_ms, conversation_key(conversation)
  local channel = redis.call('HGET', key, 'channel')
  redis.call('HSET', key, 'proposal', answer.id)
  redis.call('HSET', approval_key(answer.id), 'conversation', conversation, 'channel', channel,
    'team', answer.team, 'words', answer.words, 'events', answer.events, 'due', due)
  if answer.dialogue then redis.call('HSET', approval_key(answer.id), 'dialogue', answer.dialogue) end
  if answer.unheard then redis.call('HSET', approval_key(answer.id), 'unheard', answer.unheard) end
  redis.call('ZADD', APPROVALS, due, answer.id)
  append_event(conversation, 'proposal', 'system', '',
    cjson.encode({proposal = answer.id, team = answer.team, due = due}), cjson.encode(answer))
end

-- Returns the reason why the approval cannot be decided now, or nil.
local function refuse_decision(approval, decision)
  local facts = redis.call('HMGET', approval_key(approval), 'conversation', 'due', 'decision', 'by')
  if not facts[1] then return 'gone' end
  if facts[3] then return 'decided:' .. facts[4] end
  if decision == 'expired' and tonumber(facts[2]) > now_ms() then return 'early' end
end

-- `withheld` is the text of an answer that is not sent, for staff to read.
local function record_decision(approval, decision, name, withheld)
  local key = approval_key(approval)
  local facts = redis.call('HMGET', key, 'conversation', 'team', 'dialogue', 'unheard')
  local is_sent = decision ~= 'rejected' and decision ~= 'taken'
  if is_sent then remember_turn(facts[1], facts[3], facts[4]) end
  redis.call('ZREM', APPROVALS, approval)
  redis.call('HSET', key, 'decision', decision, 'by', name)
  redis.call('HDEL', key, 'words', 'events', 'dialogue', 'unheard')
  redis.call('EXPIRE', key, DECIDED_TTL_S)
  redis.call('HDEL', conversation_key(facts[1]), 'proposal')
  append_event(facts[1], 'proposal_decided', 'system', withheld,
    cjson.encode({proposal = approval, team = facts[2] or '', why = decision, owner_name = name}))
end

local function words_of(approval)
  local texts = {}
  for _, event in ipairs(cjson.decode(redis.call('HGET', approval_key(approval), 'events') or '[]')) do
    table.insert(texts, event.text)
  end
  return table.concat(texts, '\n\n')
end

-- Discards the answer that waits for approval, if there is one: the agent `name` answers instead.
local function withdraw_answer(conversation, name)
  local approval = redis.call('HGET', conversation_key(conversation), 'proposal')
  if not approval then return end
  record_decision(approval, 'taken', name, words_of(approval))
  if redis.call('LLEN', inbox_key(conversation)) > 0 then enqueue_work(conversation) end
end
