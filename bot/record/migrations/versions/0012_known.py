"""Adds the user attributes of a citizen (language, commune, segments), and the languages of staff."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("known", JSONB(), nullable=False, server_default="{}"))
    op.add_column("staff", sa.Column("languages", ARRAY(sa.Text()), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("staff", "languages")
    op.drop_column("conversations", "known")
