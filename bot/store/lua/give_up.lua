-- Drops the `count` oldest unsent events of a conversation and marks them as failed.
-- @args conversation, event, reason, count:number
-- @returns 1 | 0 when the event is no longer the oldest
-- @include outbox

if not is_oldest_unsent(conversation, event) then return 0 end
for _ = 1, count do
  local oldest = oldest_unsent(conversation)
  if not oldest then break end
  drop_oldest_unsent(conversation)
  fail_delivery(conversation, oldest.id, reason)
end
return 1
