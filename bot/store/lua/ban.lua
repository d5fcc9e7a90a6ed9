-- Blocks a conversation until a moment, once: ends its ticket and call-back, and notifies the citizen if allowed.
-- A ticket opened after `since_ms` stays: an agent or an emergency opened it while Redis had lost the block.
-- Nothing is sent without `events`, or if the citizen was notified before, which is stored under the name `mark`.
-- @args conversation, ban, until_ms:number, since_ms:number, mark, events:sealed
-- @returns 1 | 0 when it is blocked already, or the moment has passed
-- @include closing, notices

local key = conversation_key(conversation)
if until_ms <= now_ms() or not redis.call('SET', ban_key(conversation), ban, 'NX', 'PXAT', until_ms) then return 0 end
if redis.call('EXISTS', key) == 0 then return 1 end
local ticket = redis.call('HGET', key, 'ticket')
if ticket and tonumber(ticket_field(ticket, 'opened_at') or 0) <= since_ms then
  close_ticket(ticket, 'banned')
  append_ticket_event(ticket, 'ticket_cancelled')
end
end_callback(conversation, 'banned')
redis.call('HDEL', key, 'form', 'complaint')
append_event(conversation, 'banned', 'system', '', '{}')
if #events > 0 and not was_notified(conversation, mark) and may_notify(conversation) then
  append_events(conversation, events)
  mark_notified(conversation, {mark})
end
return 1
