-- Fills the record with past conversations of eight messages, citizen and assistant in turn; some with a closed ticket
-- and a rating. recorded.py has made the table `texts` (author, number from 0, text).

-- An index is built faster than it is kept while rows are added.
DROP INDEX messages_words;

CREATE TEMPORARY TABLE past AS
SELECT 'past-' || number AS id, number, now() - number * interval '28 days' / %(conversations)s AS at,
       (1000000000 + number)::text AS ticket
FROM generate_series(1, %(conversations)s) AS number;

INSERT INTO conversations (id, channel, started_at, last_at)
SELECT id, 'web', at, at FROM past;

INSERT INTO messages (conversation_id, event_id, at, author, text, data)
SELECT past.id, floor(extract(epoch FROM past.at) * 1000 + turn * 1000)::bigint || '-0',
       past.at + turn * interval '1 second', texts.author, texts.text, '{}'
FROM past
CROSS JOIN generate_series(0, 7) AS turn
JOIN texts ON texts.author = CASE turn %% 2 WHEN 0 THEN 'citizen' ELSE 'assistant' END
    AND texts.number = (past.number * 31 + turn * 7) %% CASE turn %% 2 WHEN 0 THEN %(asked)s ELSE %(said)s END;

INSERT INTO tickets (id, conversation_id, reason, priority, team, candidates, opened_at, claimed_at, closed_at,
                     outcome, state, changed_at)
SELECT ticket, id, 'asked_human', 'normal', 'atencion', '[]', at, at, at, 'solved', 'closed', at
FROM past WHERE number %% 8 = 0;

INSERT INTO ratings (ticket_id, conversation_id, at, score, words)
SELECT ticket, id, at, 1 + number / 16 %% 5, '' FROM past WHERE number %% 16 = 0;

CREATE INDEX messages_words ON messages USING gin (search_words(text));
