-- Restores an open ticket from the record, with its conversation.
-- A conversation may have a current ticket and a call-back at once. `until_ms` is 0 unless snoozed or a call-back.
-- @args archived:sealed, ticket, fields:sealed, state, until_ms:number
-- @returns 1 | 0 when the ticket, or another ticket of its kind, already exists
-- @include queue, recovery

local key, by_phone = conversation_key(archived.id), false
if redis.call('EXISTS', ticket_key(ticket)) == 1 then return 0 end
for i = 1, #fields, 2 do by_phone = by_phone or fields[i] == 'by_phone' end
if (redis.call('HGET', key, by_phone and 'callback' or 'ticket') or ticket) ~= ticket then return 0 end

restore_conversation(archived)
redis.call('HSET', ticket_key(ticket), 'conversation', archived.id, 'channel', archived.channel, unpack(fields))
set_state(ticket, state, until_ms)
if state == 'waiting' then raise_alarm(ticket) end
if by_phone then
  redis.call('HSET', key, 'callback', ticket)
else
  redis.call('HSET', key, 'ticket', ticket)
  set_speaker(archived.id, ticket, state == 'waiting' and 'waiting' or 'staff')
end
keep_alive(archived.id)
return 1
