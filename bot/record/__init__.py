"""Keeps the record in PostgreSQL: tables, recorder, recovery and retention.

All functions that get a session, or the maker of sessions, raise SQLAlchemyError if PostgreSQL is unavailable;
those that run until cancelled log the error and retry instead.
"""
