-- Puts a conversation that has messages but no entry back into the work queue or the sending stream.
-- @args conversation
-- @returns list of `work`, `sending`: where an entry was missing
-- @include events, work

local repaired = {}
if repair_work(conversation) then table.insert(repaired, 'work') end
if repair_sending(conversation) then table.insert(repaired, 'sending') end
if #repaired > 0 then append_event(conversation, 'repaired', 'system', '', '{}') end
return repaired
