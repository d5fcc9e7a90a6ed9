-- Records that `agents` agents of a team are on duty now.
-- If more than `unseen_ms` have passed since the last call, that time counts as without agents.
-- @args team, agents:number, unseen_ms:number
-- @returns 1
-- @include clock

local key, now = duty_key(team), now_ms()
local since, seen_at, before = string.match(redis.call('LINDEX', key, 0) or '', '^(%d+) (%d+) (%d+)$')
local goes_on = seen_at and now - tonumber(seen_at) <= unseen_ms
if goes_on and tonumber(before) == agents then
  redis.call('LSET', key, 0, since .. ' ' .. now .. ' ' .. before)
else
  redis.call('LPUSH', key, (goes_on and seen_at or now) .. ' ' .. now .. ' ' .. agents)
  redis.call('LTRIM', key, 0, DUTY_KEPT - 1)
end
redis.call('EXPIRE', key, PACE_TTL_S)
return 1
