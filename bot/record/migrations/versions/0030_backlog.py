"""Adds the editors' backlog: poorly answered messages, decisions about them, and how far conversations were read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, UUID

revision = "0030_backlog"
down_revision = "0029_editor"
branch_labels = None
depends_on = None


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def _at(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _of(table: str, rule: str) -> sa.ForeignKey:
    return sa.ForeignKey(f"{table}.id", ondelete=rule)


def upgrade() -> None:
    op.create_table(
        "backlog_decisions",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        _at("until"),
        _text("kind"),
        _text("target", ""),
        sa.Column("staff_id", UUID(as_uuid=True), nullable=False),
        _text("name"),
    )
    op.create_table(
        "backlog_items",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("conversation_id", sa.Text(), _of("conversations", "CASCADE")),
        sa.Column("missing_id", sa.BigInteger(), _of("missing_entries", "CASCADE"), unique=True),
        *(_text(name) for name in ("source", "ref")),
        _at("at"),
        _text("text"),
        sa.Column("entries", ARRAY(sa.Text()), nullable=False, server_default="{}"),
        *(_text(name, "") for name in ("reason", "reply", "team", "staff_name")),
        sa.Column("vector", sa.LargeBinary()),
        _text("encoder", ""),
        sa.Column("decision_id", sa.BigInteger(), _of("backlog_decisions", "SET NULL")),
        sa.UniqueConstraint("conversation_id", "ref"),
    )
    op.create_index("backlog_items_at", "backlog_items", ["at"])
    op.create_index("backlog_items_decided", "backlog_items", ["decision_id"])
    op.create_table(
        "backlog_marks",
        sa.Column("conversation_id", sa.Text(), _of("conversations", "CASCADE"), primary_key=True),
        _at("read_up_to"),
    )


def downgrade() -> None:
    for table in ("backlog_marks", "backlog_items", "backlog_decisions"):
        op.drop_table(table)
