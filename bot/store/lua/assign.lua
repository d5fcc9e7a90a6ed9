-- Assigns a ticket to another agent who is present.
-- `staff` (named `by`) moves the ticket; with `supervises` they may move any ticket. {nombre} in `events` is the new
-- owner's name.
-- The new owner is notified of who moved the ticket and of the note, the old owner of losing it.
-- @args ticket, staff, by, supervises:flag, owner, owner_name, why, note:sealed, events:sealed
-- @returns ok | mine (`owner` already has it) | absent (`owner` is not present) | gone (`staff` may not move it)
-- @include assignment, notes, staff_notices

if not may_move(ticket, staff, supervises) then return 'gone' end
if ticket_field(ticket, 'state') == 'claimed' and is_owner(ticket, owner) then return 'mine' end
if not is_present(owner) then return 'absent' end
append_note(ticket, note)
local loser = ticket_field(ticket, 'owner_id')
if owner ~= staff then notify_staff(owner, ticket, {kind = 'given', by = by, text = note and note.text or ''}) end
if loser ~= owner then notify_loser(loser, ticket, staff, {kind = 'taken', by = by, to = owner_name}) end
assign_ticket(ticket, {id = owner, name = owner_name}, events, {why = why, by = staff})
return 'ok'
