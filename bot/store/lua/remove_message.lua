-- Removes one message of a conversation: its words leave everything that Redis keeps of it; a line says who removed it.
-- `message_id`: the message's id in the channel, '' for one of staff; `stub`: data of the line that stays;
-- `facts`: data of the event that reports the removal.
-- `forms`: pairs of what to look for, in texts and in JSON, and what takes its place; `wholes`: whole values to empty.
-- `tickets`, `approvals`: those of the conversation. Removing it again removes what came back, and says nothing twice.
-- @args conversation, event, message_id, stub, facts, forms:json, wholes:json, tickets:json, approvals:json
-- @returns removed | gone (Redis has no such conversation) | sending (the channel sends it at this moment)
-- @include removing

local key = conversation_key(conversation)
if redis.call('EXISTS', key) == 0 then return 'gone' end
local first = oldest_unsent(conversation)
if first and first.id == event and redis.call('HEXISTS', key, 'out_attempt') == 1 then return 'sending' end

local is_new = blank_in_log(conversation, event, stub, forms)
drop_pending(inbox_key(conversation), message_id)
drop_pending(unanswered_key(conversation), message_id)
drop_unsent(conversation, event, forms)
clean_list(unheard_key(conversation), forms)
clean_hash(key, {'form', 'complaint', 'dialogue', 'known', 'buttons', 'resumed_summary'}, forms, wholes)
for _, ticket in ipairs(tickets) do clean_hash(ticket_key(ticket), {'summary', 'topic'}, forms, wholes) end
for _, approval in ipairs(approvals) do clean_hash(approval_key(approval), {'words', 'events'}, forms, wholes) end
if is_new then append_event(conversation, 'message_removed', 'system', '', facts) else keep_alive(conversation) end
return 'removed'
