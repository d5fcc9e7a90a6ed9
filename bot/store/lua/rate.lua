-- Stores a citizen's rating of a closed ticket, once.
-- @args conversation, ticket, score, words:words
-- @returns 1 | 0 when the ticket is another conversation's, had no agent, is open, or was already rated
-- @include ratings

return rate(conversation, ticket, score, words)
