-- Puts a ticket back at the head of its queue if its owner is gone or has owed an answer for `patience_ms` (0: never).
-- An owner who answered or came back since the caller looked keeps the ticket. An owner who did not answer becomes
-- `away`, so that no further tickets are assigned to them.
-- @args ticket, patience_ms:number, vanished_events:sealed, silent_events:sealed
-- @returns vanished | silent | '' when the owner keeps it
-- @include assignment, presence, staff_notices

if ticket_field(ticket, 'state') ~= 'claimed' then return '' end
local owner = ticket_field(ticket, 'owner_id')
if not is_present(owner) then
  redis.call('SET', vanished_key(owner), 1, 'EX', LOST_TTL_S)
  notify_staff(owner, ticket, {kind = 'vanished', by = ''})
  requeue_ticket(ticket, '', true, vanished_events, {why = 'vanished', by = owner})
  return 'vanished'
end
local since = tonumber(ticket_field(ticket, 'unanswered_since') or 0)
if patience_ms == 0 or since == 0 or now_ms() - since < patience_ms then return '' end
set_presence(owner, 'away')
notify_staff(owner, ticket, {kind = 'silent', by = ''})
requeue_ticket(ticket, '', true, silent_events, {why = 'silent', by = owner})
return 'silent'
