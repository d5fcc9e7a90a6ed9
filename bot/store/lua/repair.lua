-- Puts a conversation whose messages nobody would answer or send back into the work queue or the sending stream.
-- @args conversation
-- @returns list of work, sending: what it lacked
-- @include events, work

local repaired = {}
if repair_work(conversation) then table.insert(repaired, 'work') end
if repair_sending(conversation) then table.insert(repaired, 'sending') end
if #repaired > 0 then append_event(conversation, 'repaired', 'system', '', '{}') end
return repaired
