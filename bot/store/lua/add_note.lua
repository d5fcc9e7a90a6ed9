-- Adds a staff-only note to a ticket, once for each note id.
-- @args ticket, note:json
-- @returns event id | '' when the ticket is closed
-- @include notes

return is_open(ticket) and append_note(ticket, note) or ''
