-- Restores a pending approval from the record, with its conversation.
-- @args archived:sealed, approval, team, words:words, events:words, due
-- @returns 1 | 0 when it exists, the citizen now asks for a person, or it was due so long ago that it must be decided
-- @include recovery

local conversation, key = conversation_key(archived.id), approval_key(approval)
if redis.call('EXISTS', key) == 1 or redis.call('HEXISTS', conversation, 'proposal') == 1 then return 0 end
local forgotten = tonumber(due) + DECIDED_TTL_S * 1000 < now_ms()
if forgotten and redis.call('EXISTS', RESTORED) == 1 then return 0 end
local speaker = redis.call('HGET', conversation, 'speaker')
if speaker and speaker ~= 'assistant' then return 0 end

restore_conversation(archived)
redis.call('HSET', conversation, 'proposal', approval)
redis.call('HSET', key, 'conversation', archived.id, 'channel', archived.channel, 'team', team, 'words', words,
  'events', events, 'due', due)
redis.call('ZADD', APPROVALS, due, approval)
keep_alive(archived.id)
return 1
