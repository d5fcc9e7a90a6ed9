-- Blocks a conversation until a moment, once: ends its open ticket and its call-back, and tells the citizen if a notice may be sent now.
-- `mark`: under which it is noted that they were told.
-- @args conversation, ban, until_ms:number, mark, events:json
-- @returns 1 | 0 when it is blocked already, or the moment has passed
-- @include closing, notices

local key = conversation_key(conversation)
if until_ms <= now_ms() or not redis.call('SET', ban_key(conversation), ban, 'NX', 'PXAT', until_ms) then return 0 end
if redis.call('EXISTS', key) == 0 then return 1 end
local ticket = redis.call('HGET', key, 'ticket')
if ticket then
  close_ticket(ticket, 'banned')
  append_ticket_event(ticket, 'ticket_cancelled')
end
end_callback(conversation, 'banned')
redis.call('HDEL', key, 'form', 'complaint')
append_event(conversation, 'banned', 'system', '', '{}')
if may_notify(conversation) then
  append_events(conversation, events)
  note_told(conversation, {mark})
end
return 1
