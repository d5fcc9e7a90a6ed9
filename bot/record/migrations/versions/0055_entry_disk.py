"""Adds to each edition whether its text is the file's, and the newest edit of the file that its editors have seen.

Both were inferred before: from the authors, and from the time at which the edition was opened.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0055_entry_disk"
down_revision = "0054_figure_signals"
branch_labels = None
depends_on = None

SEEN = """
UPDATE entry_editions AS edition SET disk_seen = COALESCE((
  SELECT max(id) FROM entry_revisions AS one
  WHERE one.document_id = edition.document_id AND one.origin = 'disk' AND (one.at <= edition.opened_at
    OR one.hash = edition.hash)), 0)
"""
FROM_DISK = """
UPDATE entry_editions AS edition SET from_disk = true
WHERE authors = '{}' AND changed_by = '' AND EXISTS (
  SELECT FROM entry_revisions AS one
  WHERE one.document_id = edition.document_id AND one.origin = 'disk' AND one.hash = edition.hash)
"""


def upgrade() -> None:
    op.add_column("entry_editions", sa.Column("from_disk", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("entry_editions", sa.Column("disk_seen", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(SEEN)
    op.execute(FROM_DISK)
    op.drop_column("entry_editions", "opened_at")


def downgrade() -> None:
    opened = sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())
    op.add_column("entry_editions", opened)
    op.execute("UPDATE entry_editions SET opened_at = changed_at")
    op.drop_column("entry_editions", "disk_seen")
    op.drop_column("entry_editions", "from_disk")
