"""Adds the columns that recovery needs to restore the queue, and the table of staff's notes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("address", sa.Text(), nullable=True))
    op.add_column("tickets", sa.Column("state", sa.Text(), nullable=True))
    op.add_column("tickets", sa.Column("owner_name", sa.Text(), server_default="", nullable=False))
    op.add_column("tickets", sa.Column("summary", sa.Text(), server_default="", nullable=False))
    op.add_column("tickets", sa.Column("returned", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("tickets", sa.Column("until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tickets", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE tickets SET changed_at = coalesce(closed_at, claimed_at, opened_at), state = CASE"
        " WHEN closed_at IS NOT NULL THEN 'closed' WHEN claimed_at IS NOT NULL THEN 'claimed' ELSE 'waiting' END"
    )
    op.execute("UPDATE tickets SET owner_name = staff.name FROM staff WHERE claimed_by = staff.id::text")
    op.alter_column("tickets", "state", nullable=False)
    op.alter_column("tickets", "changed_at", nullable=False)
    op.create_index(op.f("ix_tickets_state"), "tickets", ["state"], unique=False)
    op.create_table(
        "notes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("feed_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("conversation_id", "feed_id"),
    )


def downgrade() -> None:
    op.drop_table("notes")
    op.drop_index(op.f("ix_tickets_state"), table_name="tickets")
    for name in ("changed_at", "until", "returned", "summary", "owner_name", "state"):
        op.drop_column("tickets", name)
    op.drop_column("conversations", "address")
