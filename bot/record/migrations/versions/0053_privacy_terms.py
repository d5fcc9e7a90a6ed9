"""Adds legal holds and since when an account is inactive; lets the names in revisions be anonymized."""

import sqlalchemy as sa
from alembic import op

revision = "0053_privacy_terms"
down_revision = "0051_entry_news"
branch_labels = None
depends_on = None

KEEP = """
CREATE OR REPLACE FUNCTION entry_revision_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  {nameless}
  RAISE EXCEPTION 'a revision never changes (% of %)', TG_OP, TG_TABLE_NAME USING ERRCODE = '42501';
END
$$
"""
NAMELESS = """
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'author_name' = to_jsonb(OLD) - 'author_name' AND EXISTS (
    SELECT FROM staff WHERE id = OLD.author_id AND name = NEW.author_name AND NOT active AND email LIKE '%.invalid'
  ) THEN
    RETURN NEW;
  END IF;
"""


def upgrade() -> None:
    op.create_table(
        "legal_holds",
        sa.Column("conversation_id", sa.Text(), sa.ForeignKey("conversations.id"), primary_key=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by", sa.Uuid()),
        sa.Column("name", sa.Text(), nullable=False),
    )
    op.add_column("staff", sa.Column("inactive_since", sa.DateTime(timezone=True)))
    op.execute("UPDATE staff SET inactive_since = now() WHERE NOT active")  # nobody noted when
    op.execute(KEEP.format(nameless=NAMELESS))


def downgrade() -> None:
    op.execute(KEEP.format(nameless=""))
    op.drop_column("staff", "inactive_since")
    op.drop_table("legal_holds")
