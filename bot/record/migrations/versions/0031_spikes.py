"""Adds the numbers of citizens per minute, and the alarms about spikes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0031_spikes"
down_revision = "0030_backlog"
branch_labels = None
depends_on = None


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "spike_minutes",
        sa.Column("minute", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("stream", sa.Text(), primary_key=True),
        sa.Column("citizens", sa.SmallInteger(), nullable=False),
    )
    op.create_table(
        "spikes",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        _at("since"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        _at("last_at"),
        sa.Column("streams", ARRAY(sa.Text()), nullable=False),
        sa.Column("citizens", sa.Integer(), nullable=False),
        sa.Column("expected", sa.REAL(), nullable=False),
        sa.Column("window", sa.SmallInteger(), nullable=False),
        sa.Column("chance", sa.Float(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default="open"),
        sa.Column("closed_by", sa.Text(), nullable=False, server_default=""),
        _at("closed_at", nullable=True),
        sa.Column("told", ARRAY(sa.Text()), nullable=False, server_default="{}"),
        sa.Column("tries", sa.SmallInteger(), nullable=False, server_default="0"),
    )
    op.create_index("spikes_by_time", "spikes", ["last_at"])


def downgrade() -> None:
    op.drop_table("spikes")
    op.drop_table("spike_minutes")
