-- Sends a notice to a citizen once, whoever the speaker is; recreates a conversation that has expired.
-- `once` identifies the notice within the conversation; `by_template`: a template may carry it after the reply window.
-- `idle` is as in accept.lua.
-- @args conversation, channel, address, events:sealed, once, by_template:flag, idle
-- @returns sent | refused when notices are not allowed | later when conversations are not recovered yet
-- @include conversation, notices

if redis.call('EXISTS', RESTORED) == 0 then return 'later' end
local seen = seen_key(conversation, once)
if redis.call('EXISTS', seen) == 1 then return 'sent' end
create_conversation(conversation, channel, address)
redis.call('HSETNX', conversation_key(conversation), 'idle_s', idle)
local allowed = in_window(conversation, by_template) and not refuses_notices(conversation)
if allowed then
  append_events(conversation, events)
  redis.call('SET', seen, 1, 'EX', SEEN_TTL_S)
end
keep_alive(conversation)
return allowed and 'sent' or 'refused'
