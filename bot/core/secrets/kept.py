"""Keeps the generated secrets in secrets.json of the home folder."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bot.core.disk import replace_file
from bot.core.errors.contents import SecretsDamaged

_KEPT = TypeAdapter(dict[str, str])
SECRET_BYTES = 32
SECRETS_FILE = "secrets.json"


def new_secret() -> str:
    """Returns a random secret of SECRET_BYTES bytes, as text that a URL may contain."""
    return secrets.token_urlsafe(SECRET_BYTES)


def kept_secret(home: Path, name: str) -> str:
    """Returns the secret ``name`` from ``home``/secrets.json (mode 0600), generating the secret at first use.

    Raises SecretsDamaged if the file is invalid, or missing although the embedded database exists: with new secrets,
    the stored data would be unreadable. Raises OSError if the file cannot be read or written.
    """
    kept = _kept_secrets(home / SECRETS_FILE)
    if name in kept:
        return kept[name]
    return change_secret(home, name, lambda found: found or new_secret())


def kept_already(home: Path, name: str) -> str:
    """Returns the secret ``name`` from ``home``/secrets.json, '' if there is none. Raises SecretsDamaged."""
    return _kept_secrets(home / SECRETS_FILE).get(name, "")


def change_secret(home: Path, name: str, change: Callable[[str], str]) -> str:
    """Replaces the secret ``name`` in ``home``/secrets.json with the result of ``change``, and returns the new secret.

    ``change`` gets the old secret, '' if there is none. Waits while another process changes a secret there. Raises
    SecretsDamaged and OSError.
    """
    home.mkdir(parents=True, exist_ok=True)
    path = home / SECRETS_FILE
    folder = os.open(home, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        kept = _kept_secrets(path)
        kept[name] = change(kept.get(name, ""))
        replace_file(path, json.dumps(kept))
    finally:
        os.close(folder)  # releases the lock
    return kept[name]


def _kept_secrets(path: Path) -> dict[str, str]:
    """Reads the secrets file; returns {} if the file does not exist yet. Raises SecretsDamaged."""
    try:
        return _KEPT.validate_json(path.read_bytes())
    except FileNotFoundError:
        if (path.parent / "postgres" / "PG_VERSION").exists():
            raise SecretsDamaged(file=str(path)) from None
        return {}
    except ValidationError:
        raise SecretsDamaged(file=str(path)) from None  # the original message would reveal part of the file
