-- Counts a try to send a part of the oldest unsent event of which nobody knows yet what came.
-- @args conversation, event
-- @returns how many such tries there were, this one included | 0 when the event is no longer the oldest
-- @include outbox

if not is_oldest_unsent(conversation, event) then return 0 end
return redis.call('HINCRBY', conversation_key(conversation), 'out_begun', 1)
