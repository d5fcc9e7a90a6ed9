-- Sends an agent's reply to the citizen, once for each reply id.
-- One in a call-back answers nothing that the citizen wrote to another agent.
-- @args ticket, staff, reply, text:words, data:words
-- @returns {event id, 1 when repeated} | {'', 0} when `staff` does not own the ticket
-- @include queue, unanswered

local key, conversation = ticket_key(ticket), ticket_field(ticket, 'conversation')
if not conversation then return {'', 0} end
local seen = seen_key(conversation, 'staff:' .. reply)
local first = redis.call('GET', seen)
if first then return {first, 1} end
if not is_owner(ticket, staff) then return {'', 0} end

local state = conversation_key(conversation)
local answers = (redis.call('HGET', state, 'ticket') or ticket) == ticket
if answers then forget_unanswered(conversation) end
local id = append_event(conversation, 'message', 'staff', text, data)
redis.call('SET', seen, id, 'EX', SEEN_TTL_S)
if answers then
  redis.call('HSET', state, 'replied_staff', id)
  -- A number or «sí» that the citizen types from now on answers the agent, and no earlier option.
  redis.call('HDEL', state, 'buttons')
end
redis.call('HDEL', key, 'unanswered_since')
redis.call('HSET', key, 'replied', 1)
local snooze_ms = tonumber(ticket_field(ticket, 'snooze_ms') or 0)
if snooze_ms > 0 and ticket_field(ticket, 'state') == 'snoozed' then snooze_ticket(ticket, snooze_ms) end
local provenance = cjson.decode(data).provenance
if provenance then redis.call('HSET', key, 'entry', provenance.entry, 'entry_question', provenance.question) end
return {id, 0}
