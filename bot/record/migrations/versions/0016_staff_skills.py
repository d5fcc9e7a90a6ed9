"""Allows several teams per account and adds the account's capacity (0: the agency's default)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("teams", ARRAY(sa.Text()), nullable=False, server_default="{}"))
    op.execute("UPDATE staff SET teams = ARRAY[team] WHERE team <> ''")
    op.drop_column("staff", "team")
    op.add_column("staff", sa.Column("capacity", sa.SmallInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("staff", "capacity")
    op.add_column("staff", sa.Column("team", sa.Text()))
    op.execute("UPDATE staff SET team = teams[1]")
    op.drop_column("staff", "teams")
