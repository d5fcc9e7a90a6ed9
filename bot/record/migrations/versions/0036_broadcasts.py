"""Adds the tables of citizens who asked for notices, and of broadcasts to them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0036_broadcasts"
down_revision = "0035_figure_rollups"
branch_labels = None
depends_on = None


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=False)


def _at(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("conversation_id", sa.Text(), primary_key=True),
        _text("channel"),
        sa.Column("address", sa.Text()),
        _at("at", nullable=False),
    )
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("notice_id", sa.BigInteger(), sa.ForeignKey("notices.id"), nullable=False, unique=True),
        _text("state"),
        sa.Column("author_id", UUID(as_uuid=True), nullable=False),
        _text("author_name"),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("starter_name", sa.Text(), nullable=False, server_default=""),
        _at("started_at"),
        _at("ended_at"),
    )
    is_open = sa.text("state IN ('planned', 'running', 'stopped')")
    op.create_index("broadcasts_open", "broadcasts", ["id"], postgresql_where=is_open)
    of = sa.ForeignKey("broadcasts.id", ondelete="CASCADE")
    op.create_table(
        "broadcast_recipients",
        sa.Column("broadcast_id", sa.BigInteger(), of, primary_key=True),
        sa.Column("conversation_id", sa.Text(), primary_key=True),
        _text("channel"),
        _text("state"),
        _at("at"),
    )
    planned = sa.text("state = 'planned'")
    op.create_index("broadcast_recipients_planned", "broadcast_recipients", ["broadcast_id"], postgresql_where=planned)


def downgrade() -> None:
    for name in ("broadcast_recipients", "broadcasts", "subscriptions"):
        op.drop_table(name)
