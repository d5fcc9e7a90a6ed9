"""Adds the canned replies with which an installation starts; staff may change or delete them."""

import sqlalchemy as sa
from alembic import op

from bot.core.texts import area

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

KEEP = sa.text(
    "INSERT INTO canned_replies (shortcut, team, text) VALUES (:shortcut, '', :text)"
    " ON CONFLICT (shortcut, team) DO NOTHING"
)
DROP = sa.text("DELETE FROM canned_replies WHERE shortcut = :shortcut AND team = '' AND text = :text")


def _replies() -> list[dict[str, str]]:
    return [{"shortcut": shortcut, "text": text} for shortcut, text in area("mesa")["guardadas_de_inicio"].items()]


def upgrade() -> None:
    op.get_bind().execute(KEEP, _replies())


def downgrade() -> None:
    op.get_bind().execute(DROP, _replies())
