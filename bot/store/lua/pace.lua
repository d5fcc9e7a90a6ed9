-- Reserves the next moment at which a channel may send a message to a conversation.
-- `..._every_ms`: minimum time between two messages; `..._burst`: how many may be sent together after a silence.
-- @args channel, conversation, channel_every_ms:number, every_ms:number, channel_burst:number, burst:number
-- @returns ms to wait before sending | a negative number: the whole channel pauses for that many ms; then call again
-- @include clock

local pause = redis.call('PTTL', pause_key(channel))
if pause > 0 then return -pause end
local now = now_ms()

-- Reserves a moment and returns the ms until then.
local function take_moment(key, every, most)
  local free = math.max(tonumber(redis.call('GET', key) or 0), now - every * (most - 1))
  local ends = free + every
  redis.call('SET', key, ends, 'PX', math.max(1, math.ceil(ends - now + every * most)))
  return free - now
end

local channel_wait = take_moment(pace_key(channel), channel_every_ms, channel_burst)
local wait = take_moment(pace_key(channel .. ':' .. conversation), every_ms, burst)
return math.ceil(math.max(0, channel_wait, wait))
