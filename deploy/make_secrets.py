"""Makes the secrets of the containers: one folder for each service, one file for each secret, only where missing.

``make_secrets.py FOLDER`` makes passwords and the addresses that contain them. ``make_secrets.py FOLDER NAME`` stores
standard input as a secret of the application, such as ``telegram_token``. Needs only the standard library.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
from pathlib import Path

BYTES = 32
NAME = re.compile(r"[a-z][a-z0-9_]{1,60}")
# Every write is on disk when it is acknowledged, as with `ventanilla run`.
VALKEY = """\
requirepass {password}
dir /data
appendonly yes
appendfsync always
save ""
maxmemory-policy noeviction
"""


def kept(folder: Path, name: str, fresh: str) -> str:
    """Returns the secret in ``folder``/``name``; writes ``fresh`` there first if there is none."""
    path = folder / name
    if not path.exists():
        store(path, fresh)
    return path.read_text(encoding="utf-8")


def store(path: Path, content: str) -> None:
    """Writes a secret as a whole; only the containers that mount its folder can read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}")
    with new.open("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def make(root: Path) -> None:
    """Makes what is missing. The databases' users have no rights beyond their own database, the bot's owns nothing."""
    app, rasa, actions, postgres, valkey = (root / name for name in ("app", "rasa", "actions", "postgres", "valkey"))
    admin, owner, own, trackers, stored, token, secret, asked = (secrets.token_urlsafe(BYTES) for _ in range(8))
    kept(postgres, "admin_password", admin)
    owner = kept(postgres, "owner_password", owner)
    kept(root / "owner", "database_owner_url", f"postgresql://ventanilla_owner:{owner}@postgres:5432/ventanilla")
    own, trackers = kept(postgres, "app_password", own), kept(postgres, "rasa_password", trackers)
    stored = kept(valkey, "password", stored)
    kept(valkey, "valkey.conf", VALKEY.format(password=stored))
    kept(app, "ventanilla_secret", secret)
    kept(app, "redis_url", f"redis://:{stored}@valkey:6379/0")
    kept(app, "database_url", f"postgresql://ventanilla:{own}@postgres:5432/ventanilla")
    kept(rasa, "rasa_token", kept(app, "rasa_token", token))
    asked = kept(app, "actions_token", asked)
    for folder in (rasa, actions):
        kept(folder, "actions_token", asked)
    for folder in (app, rasa):
        kept(folder, "rasa_database_url", f"postgresql://rasa:{trackers}@postgres:5432/rasa")


def main(folder: str, name: str = "") -> None:
    os.umask(0o022)  # the stores have users of their own
    root = Path(folder)
    if not name:
        make(root)
    elif NAME.fullmatch(name):
        store(root / "app" / name, sys.stdin.read().strip())
    else:
        sys.exit(f"make_secrets: not a name of a setting in lower case: {name}")


if __name__ == "__main__":
    main(*sys.argv[1:])
