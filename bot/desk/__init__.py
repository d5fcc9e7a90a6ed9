"""Serves the staff's desk: sign-in, HTML pages and a JSON API; stores and publishes entries and public notices.

Its docstrings need not name SQLAlchemyError and RedisError: DeskRoute (auth/unavailable.py) turns the errors of an
unreachable store into a 503 response.
"""
