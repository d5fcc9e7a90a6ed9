"""Adds a column for the id of a staff account at the identity provider (OIDC subject)."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("oidc_subject", sa.Text()))
    op.create_unique_constraint("staff_oidc_subject", "staff", ["oidc_subject"])


def downgrade() -> None:
    op.drop_constraint("staff_oidc_subject", "staff")
    op.drop_column("staff", "oidc_subject")
