-- Records that a part was sent; one part may contain several events.
-- `part` is its number, from 0; `sent_id` the provider's id, or ''; `last`: whether it was the last part; `count`:
-- number of events in it. A command that the client repeats because its reply was lost changes nothing.
-- @args conversation, channel, event, part:number, sent_id, last:flag, count:number
-- @returns 1 | 0 when this part is not the next unsent one
-- @include outbox

local function mark_part_sent(id)
  local delivery = read_delivery(conversation, id)
  if sent_id ~= '' then table.insert(delivery.sent, sent_id) end
  if last then
    if delivery.state == 'sending' then delivery.state = 'sent' end
    drop_oldest_unsent(conversation)
  else
    redis.call('HINCRBY', conversation_key(conversation), 'out_part', 1)
    redis.call('HDEL', conversation_key(conversation), 'out_begun', 'out_attempt', 'out_tries', 'out_unsure')
  end
  write_delivery(conversation, id, delivery)
end

if not is_oldest_unsent(conversation, event) then return 0 end
if tonumber(redis.call('HGET', conversation_key(conversation), 'out_part') or 0) ~= part then return 0 end
local ids = {}
for i = 1, count do
  local oldest = oldest_unsent(conversation)
  if not oldest then break end
  ids[i] = oldest.id
  mark_part_sent(oldest.id)
end
if sent_id ~= '' then
  redis.call('SET', sent_key(channel, sent_id), conversation .. ' ' .. table.concat(ids, ','), 'EX', IDLE_TTL_S)
end
return 1
