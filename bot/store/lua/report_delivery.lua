-- Records the delivery state that a provider reports; states only move forward.
-- @args channel, sent_id, state, reason
-- @returns 1 | 0 when it changes nothing | nil when no message with this id is recorded as sent
-- @include outbox

local ORDER = {sending = 0, sent = 1, delivered = 2, read = 3, failed = 4}

local function moves_forward(before)
  local arrived = before == 'delivered' or before == 'read'
  return ORDER[state] > ORDER[before] and not (state == 'failed' and arrived)
end

local sent = redis.call('GET', sent_key(channel, sent_id))
if not sent then return false end
local conversation, ids = string.match(sent, '^(%S+) (%S+)$')
if redis.call('EXISTS', conversation_key(conversation)) == 0 then return 0 end
local moved = 0
for id in string.gmatch(ids, '[^,]+') do
  local delivery = read_delivery(conversation, id)
  if moves_forward(delivery.state) then
    moved = 1
    if state == 'failed' then
      fail_delivery(conversation, id, reason)
    else
      delivery.state = state
      write_delivery(conversation, id, delivery)
    end
  end
end
return moved
