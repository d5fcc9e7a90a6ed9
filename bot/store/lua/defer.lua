-- Moves a conversation to the end of the work queue, so that a long inbox does not delay other conversations.
-- @args conversation, entry
-- @returns 1 | 0 when the entry was no longer pending
-- @include work

if not acknowledge_work(entry) then return 0 end
add_work(conversation)
return 1
