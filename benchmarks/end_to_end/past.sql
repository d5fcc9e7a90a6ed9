-- Fills the record with past conversations, some with a closed ticket and a rating; recorded.py adds their messages.

CREATE TEMPORARY TABLE past AS
SELECT 'past-' || number AS id, number, now() - number * interval '28 days' / %(conversations)s AS at,
       (1000000000 + number)::text AS ticket
FROM generate_series(1, %(conversations)s) AS number;

INSERT INTO conversations (id, channel, started_at, last_at)
SELECT id, 'web', at, at FROM past;

INSERT INTO tickets (id, conversation_id, reason, priority, team, candidates, opened_at, claimed_at, closed_at,
                     outcome, state, changed_at)
SELECT ticket, id, 'asked_human', 'normal', 'atencion', '[]', at, at, at, 'solved', 'closed', at
FROM past WHERE number %% 8 = 0;

INSERT INTO ratings (ticket_id, conversation_id, at, score, words)
SELECT ticket, id, at, 1 + number / 16 %% 5, '' FROM past WHERE number %% 16 = 0;
