-- Puts a conversation to the end of the work queue, so that a talkative one does not keep the others waiting.
-- @args conversation, entry
-- @returns nothing
-- @include work

redis.call('XADD', WORK, '*', 'conversation', conversation)
acknowledge_work(entry)
