"""Adds the completed steps of a notice's checklist, and the proofs that processes and channels showed the notice."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0032_notice_reports"
down_revision = "0031_spikes"
branch_labels = None
depends_on = None


def _at() -> sa.Column[object]:
    return sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())


def _list(name: str) -> sa.Column[object]:
    return sa.Column(name, ARRAY(sa.Text()), nullable=False)


def upgrade() -> None:
    op.create_table(
        "notice_steps",
        sa.Column("number", sa.BigInteger(), primary_key=True),
        sa.Column("step", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        _at(),
    )
    op.create_table(
        "notice_proofs",
        sa.Column("version", sa.Text(), primary_key=True),
        _at(),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        _list("shown"),
        _list("channels"),
    )


def downgrade() -> None:
    op.drop_table("notice_proofs")
    op.drop_table("notice_steps")
