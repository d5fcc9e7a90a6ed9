-- Renews a consumer's leases on entries of a stream, but takes none back that another consumer has taken over.
-- @args stream, group, consumer, entries:json
-- @returns ids of the entries that another consumer holds

local lost = {}
for _, entry in ipairs(entries) do
  local holder = redis.call('XPENDING', stream, group, entry, entry, 1)[1]
  if holder and holder[2] ~= consumer then
    table.insert(lost, entry)
  elseif holder then
    redis.call('XCLAIM', stream, group, consumer, 0, entry, 'JUSTID')
  end
end
return lost
