-- Deletes the words of one message from all data of its conversation; an empty message, the stub, stays in the log.
-- `message_id`: the message's id in the channel, '' for staff's messages; `stub`: data of the stub, with the person who
-- removed the message; `facts`: data of the event that reports the removal.
-- `log`, `lists`, `hashes`: the values that repeat the words, old and new; a value that has changed is not written.
-- The new values come encrypted already; `facts` has the type of words only to note the key.
-- Running this again deletes words that came back, and reports the removal only once.
-- @args conversation, event, message_id, stub, facts:words, log:json, lists:json, hashes:json
-- @returns removed | gone (Redis has no such conversation) | sending (the channel sends it) | changed (read it again)
-- @include removing

local key = conversation_key(conversation)
if redis.call('EXISTS', key) == 0 then return 'gone' end
local first = oldest_unsent(conversation)
if first and first.id == event and redis.call('HEXISTS', key, 'out_attempt') == 1 then return 'sending' end

local is_new, is_log_same = blank_in_log(conversation, event, stub, log)
local dropped = drop_pending(inbox_key(conversation), message_id)
dropped = dropped + drop_pending(unanswered_key(conversation), message_id)
if dropped > 0 then forgive_answer(conversation) end
local are_lists_same = rewrite_lists(lists)
local are_hashes_same = rewrite_hashes(hashes)
drop_unsent(conversation, event)
if is_new then append_event(conversation, 'message_removed', 'system', '', facts) else keep_alive(conversation) end
return is_log_same and are_lists_same and are_hashes_same and 'removed' or 'changed'
