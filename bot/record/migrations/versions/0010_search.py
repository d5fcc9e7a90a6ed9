"""Adds full-text search in messages: Spanish, with or without accents."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

PLAIN = "translate(lower(said), 'áéíóúü', 'aeiouu')"
WORDS = f"""
CREATE FUNCTION search_words(said text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT to_tsvector('pg_catalog.spanish', said) || to_tsvector('pg_catalog.spanish', {PLAIN})
$$
"""
QUERY = f"""
CREATE FUNCTION search_query(said text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT websearch_to_tsquery('pg_catalog.spanish', said) || websearch_to_tsquery('pg_catalog.spanish', {PLAIN})
$$
"""


def upgrade() -> None:
    op.execute(WORDS)
    op.execute(QUERY)
    op.execute("CREATE INDEX messages_words ON messages USING gin (search_words(text))")


def downgrade() -> None:
    op.execute("DROP INDEX messages_words")
    op.execute("DROP FUNCTION search_query(text)")
    op.execute("DROP FUNCTION search_words(text)")
