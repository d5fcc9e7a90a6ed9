"""Runs the migrations for Alembic on the URL that bot/record/migrate.py sets, one process at a time."""

from alembic import context
from sqlalchemy import create_engine, text

from bot.record import tables  # noqa: F401  (fills the metadata)
from bot.record.base import Base

MIGRATION_LOCK = 721_905

engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
with engine.connect() as connection:
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
    connection.commit()
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
