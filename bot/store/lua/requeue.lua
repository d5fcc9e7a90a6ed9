-- Puts a ticket back into its team's queue, or into another team's.
-- `staff` moves it; with `supervises` they may move any ticket. {posicion} in `events` is the ticket's position.
-- @args ticket, staff, supervises:flag, team, to_head:flag, why, note:json, events:json
-- @returns 1 | 0 when `staff` may not move it
-- @include assignment, notes

if not may_move(ticket, staff, supervises) then return 0 end
append_note(ticket, note)
requeue_ticket(ticket, team, to_head, events, {why = why, by = staff})
return 1
