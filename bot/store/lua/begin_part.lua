-- Counts an attempt to send a part of the oldest unsent event, whose result is not known yet.
-- @args conversation, event
-- @returns number of attempts without a known result, this one included | 0 when the event is no longer the oldest
-- @include outbox

if not is_oldest_unsent(conversation, event) then return 0 end
return redis.call('HINCRBY', conversation_key(conversation), 'out_begun', 1)
