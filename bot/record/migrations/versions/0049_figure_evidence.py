"""Adds what was received and sent on each day of a WhatsApp conversation, and an index of the roll-out's changes."""

import sqlalchemy as sa
from alembic import op

revision = "0049_figure_evidence"
down_revision = "0048_episode_partitions"
branch_labels = None
depends_on = None

COUNTS = ("windows", "received", "inside", "templates")
READ_AGAIN = """
UPDATE episode_marks SET read_up_to = '1970-01-01 00:00:00+00'
WHERE conversation_id IN (SELECT id FROM conversations WHERE channel = 'whatsapp')
"""


def upgrade() -> None:
    of = sa.ForeignKey("conversations.id", ondelete="SET NULL")
    op.create_table(
        "window_days",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("conversation_id", sa.Text(), of),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.SmallInteger(), nullable=False) for name in COUNTS),
    )
    op.create_index("window_days_by_conversation", "window_days", ["conversation_id"])
    op.create_index("window_days_by_day", "window_days", ["day"], postgresql_include=["channel", *COUNTS])
    op.execute("CREATE INDEX audit_rollout ON audit (id) WHERE action = 'rollout_changed'")
    op.execute(READ_AGAIN)


def downgrade() -> None:
    op.drop_index("audit_rollout", "audit")
    op.drop_table("window_days")
