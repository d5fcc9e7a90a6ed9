-- Lets tickets be opened here: the record's are back, and numbers go on from its highest.
-- `recovery` is '' where there is no record.
-- @args highest, recovery
-- @returns 1 | 0 when this is not the store in which that recovery began

if recovery ~= '' and redis.call('DEL', recovery_key(recovery)) == 0 then return 0 end
if tonumber(redis.call('GET', TICKET_SEQ) or 0) < tonumber(highest) then redis.call('SET', TICKET_SEQ, highest) end
redis.call('SET', RESTORED, 1)
return 1
