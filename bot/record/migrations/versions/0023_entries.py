"""Adds the tables of the entry editor: documents, revisions, editions, approvals, comments and publications."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, UUID

revision = "0023"
down_revision = "0021"
branch_labels = None
depends_on = None

KEEP = """
CREATE FUNCTION entry_revision_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a revision never changes (% of %)', TG_OP, TG_TABLE_NAME USING ERRCODE = '42501';
END
$$
"""
NOW = sa.func.now()


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), primary_key=True)


def _document() -> sa.Column[object]:
    return sa.Column("document_id", UUID(as_uuid=True), sa.ForeignKey("entry_documents.id"), nullable=False)


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def _at(name: str = "at") -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=NOW)


def _person(name: str = "staff_id", *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, UUID(as_uuid=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "entry_documents",
        sa.Column("id", UUID(as_uuid=True), primary_key=True),
        sa.Column("path", sa.Text(), nullable=False, unique=True),
        _text("published_hash", ""),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        _at("created_at"),
    )
    texts = (_text("hash"), _text("content"), _text("phrases"))
    author = (_person("author_id"), _text("author_name"), _text("origin"))
    op.create_table("entry_revisions", _id(), _document(), *texts, *author, _at())
    op.create_index("entry_revisions_of", "entry_revisions", ["document_id", "id"])
    op.execute(KEEP)
    op.execute(
        "CREATE TRIGGER entry_revision_keep BEFORE UPDATE OR DELETE ON entry_revisions "
        "FOR EACH ROW EXECUTE FUNCTION entry_revision_keep()"
    )
    op.create_table(
        "entry_editions",
        _id(),
        _document(),
        *(_text(name) for name in ("state", "base_hash", "hash", "content", "phrases")),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("authors", ARRAY(UUID(as_uuid=True)), nullable=False, server_default="{}"),
        sa.Column("publish_at", sa.DateTime(timezone=True)),
        _at("opened_at"),
        _at("changed_at"),
        _text("changed_by", ""),
    )
    is_open = sa.text("state IN ('draft', 'review', 'scheduled')")
    op.create_index("entry_editions_open", "entry_editions", ["document_id"], unique=True, postgresql_where=is_open)
    _what_people_say_and_do()


def _what_people_say_and_do() -> None:
    named = sa.UniqueConstraint("document_id", "hash", "staff_id")
    op.create_table(
        "entry_approvals", _id(), _document(), _text("hash"), _person(nullable=False), _text("name"), _at(), named
    )
    op.create_table("entry_comments", _id(), _document(), _text("hash"), _person(), _text("name"), _text("text"), _at())
    op.create_index("entry_comments_of", "entry_comments", ["document_id", "id"])
    op.create_table(
        "entry_publications",
        _id(),
        _document(),
        sa.Column("revision_id", sa.BigInteger(), sa.ForeignKey("entry_revisions.id"), nullable=False),
        sa.Column("edition_id", sa.BigInteger(), sa.ForeignKey("entry_editions.id")),
        *(_text(name) for name in ("path", "before", "hash")),
        _person(),
        _text("name"),
        _text("state"),
        _at(),
    )
    begun = sa.text("state = 'begun'")
    op.create_index("entry_publications_begun", "entry_publications", ["id"], postgresql_where=begun)


def downgrade() -> None:
    for name in ("publications", "comments", "approvals", "editions", "revisions", "documents"):
        op.drop_table(f"entry_{name}")
    op.execute("DROP FUNCTION entry_revision_keep()")
