-- Ends the attempts to answer a conversation's messages: a person takes over, and staff see that in the transcript.
-- The messages are not read, since reading them may be what fails; the event log has them. If a person has the
-- conversation already, or staff blocked it, no ticket is opened; but a danger that the citizen told is answered and
-- raises that person's ticket to the priority `raised` ('' if there is none).
-- @args conversation, entry, events:sealed, handoff:sealed, raised
-- @returns 1 | 0 when another process answered or tickets are not recovered yet
-- @include turn, work

if #redis.call('XPENDING', WORK, WORKERS, entry, entry, 1) == 0 then return 0 end
if must_wait_for_recovery(handoff) then return 0 end
local key = conversation_key(conversation)
if redis.call('EXISTS', key) == 1 then
  local facts = redis.call('HMGET', key, 'speaker', 'inbound_at')
  local with_person = facts[1] == 'waiting' or facts[1] == 'staff'
  append_event(conversation, 'repaired', 'system', '', '{}')
  if not with_person and not is_barred(conversation, handoff) then
    local ticket, opened = ensure_ticket(conversation, handoff)
    say_replies(conversation, ticket, events)
    if opened then append_ticket_event(ticket, 'ticket_opened') end
  elseif with_person and raised ~= '' then
    local ticket = redis.call('HGET', key, 'ticket')
    if ticket then escalate(ticket, raised) end
    say_replies(conversation, ticket, events)
    if ticket then append_ticket_event(ticket, 'ticket_raised') end
    change_form(conversation, {raise = raised})
  end
  redis.call('HSET', key, 'queued', 0, 'answered', facts[2] or now_ms())
end
redis.call('DEL', inbox_key(conversation))
acknowledge_work(entry)
keep_alive(conversation)
return 1
