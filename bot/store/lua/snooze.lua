-- Snoozes an agent's ticket until the citizen's next message.
-- `unanswered` is what the agent saw: the id of the `newest` message ('' for none) and the ids of those that need an
-- answer (`hand_back`); if none does, all count as answered. With nil, nothing is checked.
-- @args ticket, staff, until_ms:number, unanswered:json
-- @returns 1 | 0 when `staff` does not own the ticket | -1 when the citizen wrote or was answered meanwhile
-- @include conversation, queue, unanswered

if not is_owner(ticket, staff) then return 0 end
local conversation = ticket_field(ticket, 'conversation')
if unanswered and is_current_ticket(conversation, ticket) then
  if unanswered.newest ~= newest_unanswered(conversation) then return -1 end
  if #unanswered.hand_back == 0 then forget_unanswered(conversation) end
end
redis.call('HDEL', ticket_key(ticket), 'unanswered_since')
snooze_ticket(ticket, until_ms - now_ms())
return 1
