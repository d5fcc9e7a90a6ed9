"""Adds the table of public notices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, UUID

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

NOW = sa.func.now()


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def _list(name: str) -> sa.Column[object]:
    return sa.Column(name, ARRAY(sa.Text()), nullable=False, server_default="{}")


def _at(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True))


def _person(name: str) -> sa.Column[object]:
    return sa.Column(name, UUID(as_uuid=True))


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        _text("state"),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        *(_text(name) for name in ("text", "severity", "signed")),
        *(_list(name) for name in ("sectors", "wordings", "entries")),
        _at("starts_at"),
        sa.Column("hours", sa.SmallInteger(), nullable=False),
        _at("ends_at"),
        sa.Column("drill", sa.Boolean(), nullable=False, server_default=sa.false()),
        _text("pack", ""),
        _person("author_id"),
        _text("author_name"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
        _person("approver_id"),
        *(_text(name, "") for name in ("approver_name", "reason")),
        _at("published_at"),
        *(_text(name, "") for name in ("ended", "ended_by")),
        _at("ended_at"),
        sa.UniqueConstraint("number", "revision"),
    )
    is_open = sa.text("state IN ('draft', 'running')")
    op.create_index("notices_open", "notices", ["id"], postgresql_where=is_open)


def downgrade() -> None:
    op.drop_table("notices")
