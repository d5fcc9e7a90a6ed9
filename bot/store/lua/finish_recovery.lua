-- Ends recovery: from now on new tickets may be opened, with numbers above the record's highest.
-- `recovery` is '' when there is no record. After a loss, notes again who refused notices (`off`: conversations) and
-- the roll-out `steps` of channels that nobody has changed since.
-- @args highest, recovery, off:json, steps:json
-- @returns 1 | 0 when Redis was lost again since this recovery began

if recovery ~= '' and redis.call('DEL', recovery_key(recovery)) == 0 then return 0 end
if tonumber(redis.call('GET', TICKET_SEQ) or 0) < tonumber(highest) then redis.call('SET', TICKET_SEQ, highest) end
if redis.call('EXISTS', RESTORED) == 0 then
  for _, conversation in ipairs(off) do redis.call('SADD', NOTICES_OFF, conversation) end
  for channel, step in pairs(steps) do redis.call('HSETNX', ROLLOUT, channel, step) end
end
redis.call('SET', RESTORED, 1)
return 1
