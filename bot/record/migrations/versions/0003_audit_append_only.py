"""Makes the audit log append-only and adds a hash chain over its rows."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SEAL_OF = """
CREATE FUNCTION audit_seal_of(before text, one audit) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT encode(sha256(convert_to(
    concat_ws(E'\\x1f', before, one.id, extract(epoch FROM one.at), coalesce(one.staff_id::text, ''), one.action,
              one.subject, one.detail::text), 'UTF8')), 'hex')
$$
"""
SEAL = """
CREATE FUNCTION audit_seal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last audit_seals%ROWTYPE;
BEGIN
  PERFORM pg_advisory_xact_lock(721906);
  SELECT * INTO last FROM audit_seals ORDER BY seq DESC LIMIT 1;
  INSERT INTO audit_seals (seq, audit_id, seal)
  VALUES (coalesce(last.seq, 0) + 1, NEW.id, audit_seal_of(coalesce(last.seal, ''), NEW));
  RETURN NULL;
END
$$
"""
KEEP = """
CREATE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('ventanilla.audit_forgets', true) = 'on' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the audit is only ever added to (% of %)', TG_OP, TG_TABLE_NAME USING ERRCODE = '42501';
END
$$
"""
FORGET = """
CREATE FUNCTION audit_forget(days integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  gone bigint;
BEGIN
  IF days < 365 THEN
    RAISE EXCEPTION 'the audit is kept for a year at least' USING ERRCODE = '42501';
  END IF;
  PERFORM set_config('ventanilla.audit_forgets', 'on', true);
  DELETE FROM audit_seals WHERE audit_id IN (SELECT id FROM audit WHERE at < now() - make_interval(days => days));
  DELETE FROM audit WHERE at < now() - make_interval(days => days);
  GET DIAGNOSTICS gone = ROW_COUNT;
  PERFORM set_config('ventanilla.audit_forgets', '', true);
  RETURN gone;
END
$$
"""
SEAL_WHAT_IS_THERE = """
DO $$
DECLARE
  one audit%ROWTYPE;
  before text := '';
  count bigint := 0;
BEGIN
  FOR one IN SELECT * FROM audit ORDER BY id LOOP
    count := count + 1;
    before := audit_seal_of(before, one);
    INSERT INTO audit_seals (seq, audit_id, seal) VALUES (count, one.id, before);
  END LOOP;
END
$$
"""
SEALED = (
    # Deferred: the lock on the chain is taken last, at the commit, so that its owner waits for no other lock.
    "CREATE CONSTRAINT TRIGGER audit_sealed AFTER INSERT ON audit DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW EXECUTE FUNCTION audit_seal()"
)


def upgrade() -> None:
    op.execute("CREATE TABLE audit_seals (seq bigint PRIMARY KEY, audit_id bigint NOT NULL UNIQUE, seal text NOT NULL)")
    for statement in (SEAL_OF, SEAL, KEEP, FORGET, SEAL_WHAT_IS_THERE, SEALED):
        op.execute(statement)
    for table in ("audit", "audit_seals"):
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION audit_keep()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_keep()"
        )
    op.create_index("audit_by_staff", "audit", ["staff_id", "id"])


def downgrade() -> None:
    op.drop_index("audit_by_staff", table_name="audit")
    for table in ("audit", "audit_seals"):
        op.execute(f"DROP TRIGGER {table}_kept ON {table}")
        op.execute(f"DROP TRIGGER {table}_not_emptied ON {table}")
    op.execute("DROP TRIGGER audit_sealed ON audit")
    for function in ("audit_forget(integer)", "audit_keep()", "audit_seal()", "audit_seal_of(text, audit)"):
        op.execute(f"DROP FUNCTION {function}")
    op.execute("DROP TABLE audit_seals")
