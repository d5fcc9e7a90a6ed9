-- Stores whether an answer helped.
-- @args conversation, rating:json
-- @returns 1 | 0 when the citizen was not asked about this answer
-- @include ratings

return rate_answer(conversation, rating)
