"""Adds the unanswered questions with their vectors, and the groups of them that the alarm of spikes found."""

import sqlalchemy as sa
from alembic import op

revision = "0044_spike_groups"
down_revision = "0043_conversation_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spike_questions",
        sa.Column(
            "conversation_id", sa.Text(), sa.ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("event_id", sa.Text(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("encoder", sa.Text(), nullable=False, server_default=""),
        sa.Column("vector", sa.LargeBinary()),
        sa.Column("spike_id", sa.BigInteger(), sa.ForeignKey("spikes.id", ondelete="SET NULL")),
    )
    op.create_index("spike_questions_by_time", "spike_questions", ["at"])
    op.create_table(
        "spike_groups",
        sa.Column("at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("window", sa.SmallInteger(), primary_key=True),
        sa.Column("citizens", sa.Integer(), nullable=False),
        sa.Column("expected", sa.REAL(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("spike_groups")
    op.drop_table("spike_questions")
