-- Restores messages that are unanswered in the record into the inbox, before the messages already there.
-- `messages` has the message id, event id and fields of each message, oldest first.
-- @args archived:sealed, messages:sealed
-- @returns number of messages that Redis had not seen
-- @include recovery, work

local unseen = {}
for _, message in ipairs(messages) do
  if redis.call('SET', seen_key(archived.id, message[1]), message[2], 'NX', 'EX', SEEN_TTL_S) then
    table.insert(unseen, 1, cjson.encode(message[3]))
  end
end
if #unseen == 0 then return 0 end
restore_conversation(archived)
redis.call('LPUSH', inbox_key(archived.id), unpack(unseen))
enqueue_work(archived.id)
keep_alive(archived.id)
return #unseen
