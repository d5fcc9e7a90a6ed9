-- Puts a ticket back to the head of its queue when its owner is gone, or owes an answer for `patience_ms` (0: never).
-- It looks again: whoever answered a moment ago, or is back, keeps it. Who did not answer counts as away until they say
-- otherwise, so that nobody is given to them again, and again.
-- @args ticket, patience_ms:number, vanished_events:json, silent_events:json
-- @returns vanished | silent | '' when it stays
-- @include assignment

if ticket_field(ticket, 'state') ~= 'claimed' then return '' end
local owner = ticket_field(ticket, 'owner_id')
if not is_present(owner) then
  redis.call('SET', vanished_key(owner), 1, 'EX', LOST_TTL_S)
  requeue_ticket(ticket, '', true, vanished_events, {why = 'vanished', by = owner})
  return 'vanished'
end
local since = tonumber(ticket_field(ticket, 'unanswered_since') or 0)
if patience_ms == 0 or since == 0 or now_ms() - since < patience_ms then return '' end
redis.call('HSET', agent_key(owner), 'presence', 'away')
requeue_ticket(ticket, '', true, silent_events, {why = 'silent', by = owner})
return 'silent'
