"""Adds the daily counts of messages per WhatsApp conversation, and an index of the roll-out's changes."""

import sqlalchemy as sa
from alembic import op

revision = "0049_figure_evidence"
down_revision = "0048_episode_partitions"
branch_labels = None
depends_on = None

COUNTS = ("windows", "received", "inside", "templates")
# What was sent before is not counted: some of its conversations are deleted, and reading the others again would change
# the topics and segments of their episodes. In Chile, the day after UTC's is complete.
START = """
INSERT INTO window_start SELECT (now() AT TIME ZONE 'UTC')::date + 1
WHERE EXISTS (SELECT FROM conversations WHERE channel = 'whatsapp')
OR EXISTS (SELECT FROM episodes WHERE channel = 'whatsapp')
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
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
    )
    op.create_index("window_days_by_conversation", "window_days", ["conversation_id"])
    op.create_index("window_days_by_day", "window_days", ["day"], postgresql_include=["channel", *COUNTS])
    op.execute("CREATE INDEX audit_rollout ON audit (id) WHERE action = 'rollout_changed'")
    op.create_table("window_start", sa.Column("day", sa.Date(), primary_key=True))
    op.execute(START)


def downgrade() -> None:
    op.drop_index("audit_rollout", "audit")
    op.drop_table("window_start")
    op.drop_table("window_days")
