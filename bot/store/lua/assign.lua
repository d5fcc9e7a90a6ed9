-- Gives a ticket to another agent who is there.
-- `staff` moves it; with `supervises` they may move anybody's. {nombre} in `events` is the new owner's name.
-- @args ticket, staff, supervises:flag, owner, owner_name, why, note:json, events:json
-- @returns ok | mine (it was theirs) | absent (the new owner is not there) | gone
-- @include assignment, notes

if not may_move(ticket, staff, supervises) then return 'gone' end
if ticket_field(ticket, 'state') == 'claimed' and is_owner(ticket, owner) then return 'mine' end
if not is_present(owner) then return 'absent' end
append_note(ticket, note)
assign_ticket(ticket, {id = owner, name = owner_name}, events, {why = why, by = staff})
return 'ok'
