-- Moves a conversation to the end of the work queue, so that a long inbox does not delay other conversations.
-- @args conversation, entry
-- @returns nothing
-- @include work

redis.call('XADD', WORK, '*', 'conversation', conversation)
acknowledge_work(entry)
