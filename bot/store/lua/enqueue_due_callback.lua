-- Puts a due call-back into its team's queue.
-- @args ticket
-- @returns 1 | 0 when it is not due
-- @include assignment

local due = redis.call('ZSCORE', CALLBACKS, ticket)
if not due or tonumber(due) > now_ms() then return 0 end
if ticket_field(ticket, 'priority') == 'normal' then redis.call('HSET', ticket_key(ticket), 'priority', 'callback') end
requeue_ticket(ticket, '', false, {}, {why = 'callback_due'})
return 1
