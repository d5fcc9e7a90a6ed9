"""Serves the staff's desk: HTML pages, JSON API and sign-in.

Its docstrings need not name SQLAlchemyError and RedisError: DeskRoute (auth/unavailable.py) turns the errors of an
unreachable store into a 503 response.
"""
