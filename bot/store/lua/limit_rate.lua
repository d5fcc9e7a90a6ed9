-- Counts `cost` uses of a name, and allows at most `limit` uses in `seconds`; a refused use does not count.
-- `conversation` and `id` are those of a citizen's message, or ''. A message that was stored, or counted in this
-- window, does not count again, however often its provider repeats it.
-- @args name, limit:number, seconds:number, cost:number, conversation, id
-- @returns 1 | 0 beyond the limit
-- @include limits

if id == '' then return allow_use(name, limit, seconds, cost, '') and 1 or 0 end
if redis.call('EXISTS', seen_key(conversation, id)) == 1 then return 1 end
return allow_use(name, limit, seconds, cost, conversation .. ':' .. id) and 1 or 0
