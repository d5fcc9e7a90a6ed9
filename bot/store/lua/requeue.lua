-- Puts a ticket back into its team's queue, or into another team's.
-- `staff` (named `by`) moves the ticket, and its agent is notified; with `supervises` they may move any ticket.
-- {posicion} in `events` is the ticket's position. A ticket that waits there already only gets the note.
-- @args ticket, staff, by, supervises:flag, team, to_head:flag, why, note:sealed, events:sealed
-- @returns 1 | 0 when `staff` may not move it
-- @include assignment, notes, staff_notices

if not may_move(ticket, staff, supervises) then return 0 end
append_note(ticket, note)
local facts = redis.call('HMGET', ticket_key(ticket), 'state', 'team', 'returned')
local is_there = team == facts[2] or (team == '' and facts[3] ~= false)
if facts[1] == 'waiting' and is_there then return 1 end
notify_loser(ticket_field(ticket, 'owner_id'), ticket, staff, {kind = 'requeued', by = by})
requeue_ticket(ticket, team, to_head, events, {why = why, by = staff})
return 1
