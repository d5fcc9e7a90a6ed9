"""Divides the table of episodes into partitions, one for each month and one for the rows of other months."""

import sqlalchemy as sa
from alembic import op

revision = "0048_episode_partitions"
down_revision = "0047_callback_figures"
branch_labels = None
depends_on = None

# Makes the partition of a month, unless it exists, and moves its rows there from the default partition. It is for the
# owner of the tables, one at a time. Writers of conversations must wait, since the foreign key of the new partition
# locks that table; whoever deletes conversations takes the locks in this order.
MAKE_MONTH = """
CREATE FUNCTION episode_month(month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text := to_char(month, '"episodes_"YYYY_MM');
    later date := month + interval '1 month';
    reader text;
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN;
    END IF;
    LOCK TABLE conversations IN SHARE ROW EXCLUSIVE MODE;
    LOCK TABLE episodes_default IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('CREATE TABLE %I (LIKE episodes INCLUDING ALL)', name);
    EXECUTE format('WITH moved AS (DELETE FROM episodes_default WHERE day >= %L AND day < %L RETURNING *) '
        'INSERT INTO %I SELECT * FROM moved', month, later, name);
    EXECUTE format('ALTER TABLE episodes ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, month, later);
    FOR reader IN  -- pg_dump reads partitions by their own names
        SELECT grantee::regrole FROM pg_class, aclexplode(relacl)
        WHERE oid = 'episodes'::regclass AND privilege_type = 'SELECT' AND grantee NOT IN (0, relowner)
    LOOP
        EXECUTE format('GRANT SELECT ON %I TO %s', name, reader);
    END LOOP;
END $$
"""
GRANTED = """
SELECT privilege_type, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END
FROM pg_class, aclexplode(relacl) WHERE oid = 'episodes'::regclass AND grantee <> relowner
"""
MONTHS = "SELECT DISTINCT date_trunc('month', day::timestamp)::date FROM episodes_before"
INDEXES = (
    "CREATE INDEX episodes_by_conversation ON episodes (conversation_id)",
    "CREATE INDEX episodes_people ON episodes (day) INCLUDE (channel, conversation_id, first_of_month) WHERE NOT drill",
    "CREATE INDEX episodes_waits ON episodes (day) INCLUDE (channel, team, handed_at, claimed_at, replied_at, stars) "
    "WHERE NOT drill AND handed_at IS NOT NULL",
    "CREATE INDEX episodes_calls ON episodes (day) INCLUDE (channel, team, call_asked_at, call_promised_at, "
    "called_at, call_outcome) WHERE NOT drill AND call_asked_at IS NOT NULL",
)
TRIGGERS = {"INSERT": "NEW", "DELETE": "OLD", "UPDATE": "NEW"}


def upgrade() -> None:
    granted = _replaced("PARTITION BY RANGE (day)")
    op.execute("CREATE TABLE episodes_default PARTITION OF episodes DEFAULT")
    _grant(granted, "episodes, episodes_default")
    op.execute(MAKE_MONTH)
    for month in op.get_bind().scalars(sa.text(MONTHS)).all():
        op.execute(f"SELECT episode_month('{month}')")
    _refill("day, id")


def downgrade() -> None:
    granted = _replaced("")
    _grant(granted, "episodes")
    op.execute("DROP FUNCTION episode_month(date)")
    _refill("id")
    op.execute("CREATE INDEX episodes_by_day ON episodes (day)")


def _replaced(partitioned: str) -> list[tuple[str, str]]:
    """Renames the table to ``episodes_before`` and makes an empty one; returns the (privilege, role) of the old one."""
    op.execute("LOCK TABLE conversations IN ACCESS EXCLUSIVE MODE")  # first, as those who delete conversations do
    granted = [(privilege, role) for privilege, role in op.get_bind().execute(sa.text(GRANTED))]
    op.execute("ALTER TABLE episodes RENAME TO episodes_before")
    op.execute(f"CREATE TABLE episodes (LIKE episodes_before INCLUDING DEFAULTS) {partitioned}")
    op.execute("ALTER SEQUENCE episodes_id_seq OWNED BY episodes.id")
    return granted


def _grant(granted: list[tuple[str, str]], tables: str) -> None:
    for privilege, role in granted:
        op.execute(f"GRANT {privilege} ON {tables} TO {role}")


def _refill(key: str) -> None:
    """Copies the rows into the new table, and only then creates its keys, indexes and triggers.

    So no trigger makes the daily sums invalid.
    """
    op.execute("INSERT INTO episodes SELECT * FROM episodes_before")
    op.execute("DROP TABLE episodes_before")
    op.execute(f"ALTER TABLE episodes ADD PRIMARY KEY ({key})")
    op.create_foreign_key(None, "episodes", "conversations", ["conversation_id"], ["id"], ondelete="SET NULL")
    for statement in INDEXES:
        op.execute(statement)
    for what, rows in TRIGGERS.items():
        op.execute(
            f"CREATE TRIGGER episode_days_on_{what.lower()} AFTER {what} ON episodes "
            f"REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION episode_days_changed()"
        )
