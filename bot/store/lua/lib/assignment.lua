-- Assigns tickets to agents and requeues them.
-- @include approvals, conversation, notices, queue, unanswered

-- `owner`: id and name; `data`: more facts of the event; `teams`: display names of the teams, for {equipo} in `events`.
local function assign_ticket(ticket, owner, events, data, teams)
  local key, now = ticket_key(ticket), now_ms()
  local conversation = ticket_field(ticket, 'conversation')
  local is_current = is_current_ticket(conversation, ticket)
  local is_owed = is_current and (ticket_field(ticket, 'state') == 'waiting' or is_answer_owed(conversation, ticket))
  set_state(ticket, 'claimed')
  redis.call('HDEL', key, 'returned')
  redis.call('HSET', key, 'owner_id', owner.id, 'owner_name', owner.name, 'claimed_at', now)
  if is_owed then redis.call('HSET', key, 'unanswered_since', now) end
  if is_current then withdraw_answer(conversation, owner.name) end
  set_speaker(conversation, ticket, 'staff')
  append_ticket_event(ticket, 'ticket_claimed', data)
  if not is_current or not in_window(conversation) then return end
  local team = teams and (teams[ticket_field(ticket, 'team')] or teams[''])
  notify(conversation, events, {nombre = owner.name, equipo = team})
end

-- Remembers for LOST_TTL_S that the agent lost the ticket, so that it is not immediately assigned to them again.
local function remember_lost(ticket, staff)
  redis.call('SADD', lost_key(staff), ticket)
  redis.call('EXPIRE', lost_key(staff), LOST_TTL_S)
end

-- Sends the citizen their position. If that is not allowed, forgets when it was last sent, so that the reply to the
-- citizen's next message contains the position.
local function notify_position(conversation, ticket, events)
  local key = conversation_key(conversation)
  if #events == 0 or not may_notify(conversation) then return redis.call('HDEL', key, 'noticed_at') end
  notify(conversation, events, {posicion = position(ticket)})
  redis.call('HSET', key, 'noticed_at', now_ms())
end

-- An empty `team` keeps the ticket's team; `to_head` puts the ticket before all others except emergencies.
local function requeue_ticket(ticket, team, to_head, events, data)
  local key, conversation = ticket_key(ticket), ticket_field(ticket, 'conversation')
  local owner = ticket_field(ticket, 'owner_id')
  remove_from_queues(ticket)
  if owner then remember_lost(ticket, owner) end
  redis.call('HDEL', key, 'owner_id', 'owner_name', 'claimed_at', 'unanswered_since', 'returned', 'reopened')
  if ticket_field(ticket, 'replied') then redis.call('HSET', key, 'replied', 0) end
  if team ~= '' then redis.call('HSET', key, 'team', team) end
  if to_head then redis.call('HSET', key, 'returned', 1) end
  set_state(ticket, 'waiting')
  set_speaker(conversation, ticket, 'waiting')
  raise_alarm(ticket)
  append_ticket_event(ticket, 'ticket_returned', data)
  if is_current_ticket(conversation, ticket) then notify_position(conversation, ticket, events) end
end

local function is_present(staff)
  return redis.call('EXISTS', agent_key(staff)) == 1
end

-- Reacts to a citizen's message: the owner owes an answer; a snoozed ticket is claimed again, or requeued if the owner
-- is not present.
local function react_to_message(ticket)
  local key, state = ticket_key(ticket), ticket_field(ticket, 'state')
  if state == 'claimed' then redis.call('HSETNX', key, 'unanswered_since', now_ms()) end
  if state ~= 'snoozed' then return end
  if not is_present(ticket_field(ticket, 'owner_id')) then
    return requeue_ticket(ticket, '', true, {}, {why = 'woken'})
  end
  set_state(ticket, 'claimed')
  redis.call('HSET', key, 'unanswered_since', now_ms())
  append_ticket_event(ticket, 'ticket_woken')
end
