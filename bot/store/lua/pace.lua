-- Takes the next moment at which a channel and a conversation may be sent to.
-- `..._every_ms`: between two messages; `..._burst`: how many may go out at once after a silence.
-- @args channel, conversation, channel_every_ms:number, every_ms:number, channel_burst:number, burst:number
-- @returns ms to wait before sending | below zero: all pause for so long, ask again then
-- @include clock

local pause = redis.call('PTTL', pause_key(channel))
if pause > 0 then return -pause end
local now = now_ms()

-- Returns how long to wait, and takes that moment.
local function take_moment(key, every, most)
  local free = math.max(tonumber(redis.call('GET', key) or 0), now - every * (most - 1))
  local ends = free + every
  redis.call('SET', key, ends, 'PX', math.max(1, math.ceil(ends - now + every * most)))
  return free - now
end

local channel_wait = take_moment(pace_key(channel), channel_every_ms, channel_burst)
local wait = take_moment(pace_key(channel .. ':' .. conversation), every_ms, burst)
return math.ceil(math.max(0, channel_wait, wait))
