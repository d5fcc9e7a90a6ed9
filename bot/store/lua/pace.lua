-- Reserves the next time at which a channel may send a message to a conversation.
-- `..._every_ms`: minimum time between two messages; `..._burst`: how many may be sent together after a pause.
-- @args channel, conversation, channel_every_ms:number, every_ms:number, channel_burst:number, burst:number
-- @returns ms to wait before sending | a negative number: the whole channel pauses for that many ms; then call again
-- @include clock

local FAR_AHEAD_MS = 60000  -- all senders together never reserve a time so far ahead
local pause, paused_ms = redis.call('PTTL', pause_key(channel)), tonumber(redis.call('GET', pause_key(channel)) or 0)
if paused_ms > 1 and pause > paused_ms then  -- paused before the clock was set back
  redis.call('PEXPIRE', pause_key(channel), paused_ms)
  pause = paused_ms
end
if pause > 0 then return -pause end
local now = now_ms()

-- Reserves a time and returns the ms until then. A reservation far ahead dates from before the clock was set back.
local function take_moment(key, every, most)
  local reserved = tonumber(redis.call('GET', key) or 0)
  if reserved > now + FAR_AHEAD_MS then reserved = now end
  local free = math.max(reserved, now - every * (most - 1))
  local ends = free + every
  redis.call('SET', key, ends, 'PX', math.max(1, math.ceil(ends - now + every * most)))
  return free - now
end

local channel_wait = take_moment(pace_key(channel), channel_every_ms, channel_burst)
local wait = take_moment(pace_key(channel .. ':' .. conversation), every_ms, burst)
return math.ceil(math.max(0, channel_wait, wait))
