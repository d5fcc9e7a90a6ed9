-- Adds a note that only staff see to a ticket, once for each note id.
-- @args ticket, note:json
-- @returns event id | '' when the ticket is over
-- @include notes

return is_open(ticket) and append_note(ticket, note) or ''
