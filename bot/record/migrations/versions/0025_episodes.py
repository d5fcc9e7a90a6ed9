"""Adds episodes (the basis of all figures), the time up to which each conversation was read, and published months."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

NUMBERS = ("asked_useful", "said_useful", "said_useless", "said_other", "offers", "choices")


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def upgrade() -> None:
    op.create_table(
        "episodes",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("conversation_id", sa.Text(), sa.ForeignKey("conversations.id", ondelete="SET NULL")),
        *_texts("channel"),
        _at("started_at"),
        _at("ended_at"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hour", sa.SmallInteger(), nullable=False),
        sa.Column("first_of_month", sa.Boolean(), nullable=False),
        _at("returned_at", nullable=True),
        *_texts("trigger", "ending"),
        sa.Column("messages", sa.Integer(), nullable=False),
        *_texts("theme"),
        *(sa.Column(name, ARRAY(sa.Text()), nullable=False) for name in ("entries", "versions")),
        sa.Column("probabilities", ARRAY(sa.Float(24)), nullable=False),
        sa.Column("useful", ARRAY(sa.Boolean()), nullable=False),
        *(sa.Column(name, sa.SmallInteger(), nullable=False) for name in NUMBERS),
        *_texts("reason", "team", "outcome"),
        *(_at(name, nullable=True) for name in ("handed_at", "claimed_at", "replied_at", "closed_at")),
        sa.Column("stars", sa.SmallInteger()),
        *(_flag(name) for name in ("danger", "crisis", "drill")),
    )
    op.create_index("episodes_by_day", "episodes", ["day"])
    op.create_index("episodes_by_conversation", "episodes", ["conversation_id"])
    op.create_table(
        "episode_marks",
        sa.Column(
            "conversation_id", sa.Text(), sa.ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
        ),
        _at("read_up_to"),
    )
    op.create_table(
        "figure_months",
        sa.Column("month", sa.Date(), primary_key=True),
        sa.Column("figures", JSONB(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )


def downgrade() -> None:
    op.drop_table("figure_months")
    op.drop_table("episode_marks")
    op.drop_table("episodes")
