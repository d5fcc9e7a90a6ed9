-- Restores a conversation from the record.
-- @args archived:sealed
-- @returns nothing
-- @include recovery

restore_conversation(archived)
keep_alive(archived.id)
