-- Compares ids of stream entries.

local function parts_of(id)
  local ms, number = string.match(id, '^(%d+)-?(%d*)$')
  return tonumber(ms), tonumber(number) or 0
end

local function is_earlier(id, other)
  local ms, number = parts_of(id)
  local other_ms, other_number = parts_of(other)
  if ms == other_ms then return number < other_number end
  return ms < other_ms
end

-- `entry` may be nil, or a value without "-" from an older release.
local function is_in_stream(stream, entry)
  return entry and string.find(entry, '-', 1, true) and #redis.call('XRANGE', stream, entry, entry) > 0
end
