-- Stores staff-only notes.
-- @include tickets

local function has_note(ticket, note)
  return redis.call('EXISTS', seen_key(ticket_field(ticket, 'conversation'), 'note:' .. note.id)) == 1
end

-- Appends the note once and returns its event id; '' if `note` is nil. `named`: ids of the mentioned agents, or nil.
local function append_note(ticket, note, named)
  if not note then return '' end
  local conversation = ticket_field(ticket, 'conversation')
  local seen = seen_key(conversation, 'note:' .. note.id)
  local first = redis.call('GET', seen)
  if first then return first end
  if named and #named == 0 then named = nil end -- an empty list would be written as {}
  local data = cjson.encode({ticket = ticket, name = note.name, staff = note.staff, named = named})
  local id = append_event(conversation, 'note', 'staff', note.text, data)
  redis.call('SET', seen, id, 'EX', SEEN_TTL_S)
  return id
end
