-- Counts uses of names, in order, until a use is beyond its limit; a refused use does not count.
-- Each of `uses` is {name, limit, cost}: at most `limit` uses in `seconds`, and this use counts as `cost` uses.
-- `conversation` and `id` identify a citizen's message, or are ''. A message that was stored, or counted in this
-- window, does not count again, however often its provider repeats it.
-- A name that ends with '*' counts for the network of the conversation, whatever the number of its conversations; it
-- does not count where no network is known, as in other channels than the web.
-- @args uses:json, seconds:number, conversation, id
-- @returns 1 | 0 beyond a limit
-- @include limits

local function of_sender(name, conversation)
  if string.sub(name, -1) ~= '*' then return name end
  local sender = redis.call('GET', sender_key(conversation))
  return sender and string.sub(name, 1, -2) .. sender
end

if id ~= '' and redis.call('EXISTS', seen_key(conversation, id)) == 1 then return 1 end
local once = id == '' and '' or conversation .. ':' .. id
for _, use in ipairs(uses) do
  local name = of_sender(use[1], conversation)
  if name and not allow_use(name, use[2], seconds, use[3], once) then return 0 end
end
return 1
