-- Keeps how a citizen rates a ticket that is over, once.
-- @args conversation, ticket, score, words
-- @returns 1 | 0 when it is not theirs, is not over, or was rated before
-- @include ratings

return rate(conversation, ticket, score, words)
