"""Adds the way in which each entry was published, links for responsible units, and reminders of expiring entries."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0029_editor"
down_revision = "0028_privacy_requests"
branch_labels = None
depends_on = None

NOW = sa.func.now()
PUBLICATIONS = "entry_publications"


def _text(name: str, default: str | None = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def _at(name: str, *, now: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not now, server_default=NOW if now else None)


def _document(*, primary_key: bool = False) -> sa.Column[object]:
    references = sa.ForeignKey("entry_documents.id")
    return sa.Column("document_id", UUID(as_uuid=True), references, nullable=False, primary_key=primary_key)


def _person(name: str) -> sa.Column[object]:
    return sa.Column(name, UUID(as_uuid=True))


def upgrade() -> None:
    for column in (
        _text("way"),
        _text("reason"),
        _at("confirmed_at"),
        _person("confirmed_by"),
        _text("confirmed_name"),
    ):
        op.add_column(PUBLICATIONS, column)
    op.create_index(
        "entry_publications_unconfirmed",
        PUBLICATIONS,
        ["id"],
        postgresql_where=sa.text("way IN ('minor', 'urgent') AND confirmed_at IS NULL"),
    )
    op.create_table(
        "entry_links",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("token_hash", sa.Text(), nullable=False, unique=True),
        _document(),
        _text("hash", None),
        _text("unit", None),
        _person("staff_id"),
        _text("staff_name", None),
        _at("made_at", now=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _text("decision"),
        _at("decided_at"),
        _text("name"),
        _text("comment"),
    )
    op.create_index("entry_links_of", "entry_links", ["document_id", "id"])
    op.create_table(
        "entry_reminders",
        _document(primary_key=True),
        sa.Column("expires", sa.Date(), primary_key=True),
        sa.Column("days", sa.Integer(), primary_key=True),
        _at("at", now=True),
    )


def downgrade() -> None:
    op.drop_table("entry_reminders")
    op.drop_table("entry_links")
    op.drop_index("entry_publications_unconfirmed")
    for name in ("way", "reason", "confirmed_at", "confirmed_by", "confirmed_name"):
        op.drop_column(PUBLICATIONS, name)
