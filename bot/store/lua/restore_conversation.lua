-- Brings a conversation back of which something is known.
-- @args archived:json
-- @returns nothing
-- @include recovery

restore_conversation(archived)
keep_alive(archived.id)
