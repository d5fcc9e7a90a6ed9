"""Keeps the record in PostgreSQL: tables, migrations, recorder, recovery, retention, encryption and audit signatures.

All functions that get a session, or the maker of sessions, raise SQLAlchemyError if PostgreSQL is unavailable; those
that run until cancelled log the error and retry instead.
"""
