"""Adds the weekly blind sample of answers, and the proposals to answer more cautiously."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

revision = "0033_samples"
down_revision = "0032_notice_reports"
branch_labels = None
depends_on = None


def _at(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True))


def _since(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())


def upgrade() -> None:
    op.create_table(
        "sample_weeks",
        sa.Column("week", sa.Date(), primary_key=True),
        sa.Column("strata", JSONB(), nullable=False),
        _since("drawn_at"),
    )
    op.create_table(
        "sampled_answers",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("week", sa.Date(), sa.ForeignKey("sample_weeks.week", ondelete="CASCADE"), nullable=False),
        sa.Column("conversation_id", sa.Text(), sa.ForeignKey("conversations.id", ondelete="SET NULL")),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("stratum", sa.Text(), nullable=False),
        sa.Column("chance", sa.Float(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in ("question", "answer", "verdict")),
        sa.Column("judged_by", UUID(as_uuid=True), sa.ForeignKey("staff.id")),
        _at("judged_at"),
    )
    op.create_index("sampled_answers_by_week", "sampled_answers", ["week"])
    op.create_index("sampled_answers_by_conversation", "sampled_answers", ["conversation_id"])
    op.create_table(
        "caution_proposals",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        _since("made_at"),
        sa.Column("weeks", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Float(), nullable=False) for name in ("promised", "found", "low", "high", "ratio")),
        sa.Column("accepted", sa.Boolean()),
        sa.Column("decided_by", UUID(as_uuid=True), sa.ForeignKey("staff.id")),
        _at("decided_at"),
        _at("ended_at"),
    )


def downgrade() -> None:
    for name in ("caution_proposals", "sampled_answers", "sample_weeks"):
        op.drop_table(name)
