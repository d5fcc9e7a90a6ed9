-- Adds a staff-only note to a ticket, once for each note id, and notifies the agents whose ids are in `named`.
-- @args ticket, note:sealed, named:json
-- @returns event id | '' when the ticket is closed
-- @include notes, staff_notices

if not is_open(ticket) then return '' end
local known = has_note(ticket, note)
local id = append_note(ticket, note, named)
for _, staff in ipairs(known and {} or named) do
  notify_staff(staff, ticket, {kind = 'named', by = note.name, text = note.text})
end
return id
