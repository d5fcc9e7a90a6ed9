-- Assigns a ticket to another agent who is present.
-- `staff` moves it; with `supervises` they may move any ticket. {nombre} in `events` is the new owner's name.
-- @args ticket, staff, supervises:flag, owner, owner_name, why, note:json, events:json
-- @returns ok | mine (`owner` has it already) | absent (`owner` is not present) | gone (`staff` may not move it)
-- @include assignment, notes

if not may_move(ticket, staff, supervises) then return 'gone' end
if ticket_field(ticket, 'state') == 'claimed' and is_owner(ticket, owner) then return 'mine' end
if not is_present(owner) then return 'absent' end
append_note(ticket, note)
assign_ticket(ticket, {id = owner, name = owner_name}, events, {why = why, by = staff})
return 'ok'
