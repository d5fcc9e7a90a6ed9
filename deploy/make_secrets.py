"""Makes the secrets of the containers, a folder for each service and a file for each secret, if they are missing.

``make_secrets.py FOLDER`` makes passwords and the addresses that contain them; ``make_secrets.py FOLDER --renew``
replaces all of them, while nothing else runs. ``make_secrets.py FOLDER NAME`` stores standard input as a secret of the
application, such as ``telegram_token``. Needs only the standard library.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bot.store.accounts import BACKUP, BOT, HEALTH, account_lines

BYTES = 32
PLAIN = "?sslmode=disable"  # the network is internal
FORMER = 20  # passwords of PostgreSQL's superuser that are remembered
NAME = re.compile(r"[a-z][a-z0-9_]{1,60}")
LEAST = {"ventanilla_secret": 32, "transcript_key": 32}  # characters, as the settings demand
# Every write is on disk when it is acknowledged, as with `ventanilla run`.
VALKEY = """\
aclfile /run/secrets/users.acl
dir /data
appendonly yes
appendfsync always
save ""
maxmemory-policy noeviction
"""


def kept(folder: Path, name: str) -> str:
    """Returns the secret in ``folder``/``name``; makes it first if there is none."""
    path = folder / name
    if not path.exists():
        store(path, secrets.token_urlsafe(BYTES))
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


def make(root: Path, *, renew: bool = False) -> None:
    """Makes the secrets that are missing; with ``renew``, replaces all passwords and tokens, but not VENTANILLA_SECRET.

    VENTANILLA_SECRET is replaced by a command. A database user has no rights beyond its own database, and the bot's
    user owns nothing.
    """
    app, rasa, actions, postgres = (root / name for name in ("app", "rasa", "actions", "postgres"))
    names = [app / "rasa_token", app / "actions_token"]
    names += [postgres / f"{name}_password" for name in ("admin", "owner", "app", "rasa")]
    if renew:
        remember(postgres / "admin_password")
        for path in names:
            store(path, secrets.token_urlsafe(BYTES))
    token, asked, _admin, owner, own, trackers = (kept(path.parent, path.name) for path in names)
    kept(app, "ventanilla_secret")
    store(rasa / "rasa_token", token)
    for folder in (rasa, actions):
        store(folder / "actions_token", asked)
    store(
        root / "owner" / "database_owner_url", f"postgresql://ventanilla_owner:{owner}@postgres:5432/ventanilla{PLAIN}"
    )
    store(app / "database_url", f"postgresql://ventanilla:{own}@postgres:5432/ventanilla{PLAIN}")
    for folder in (app, rasa):
        store(folder / "rasa_database_url", f"postgresql://rasa:{trackers}@postgres:5432/rasa{PLAIN}")
    make_accounts(root, renew=renew)


def make_accounts(root: Path, *, renew: bool) -> None:
    """Makes Valkey's accounts; each password is in the folder of its part alone, and Valkey gets only the hash."""
    valkey = root / "valkey"
    if renew:
        store(valkey / "password", secrets.token_urlsafe(BYTES))
    passwords = {HEALTH: kept(valkey, "password")}
    for path, name in ((root / "app" / "redis_url", BOT), (root / "backup" / "redis_backup_url", BACKUP)):
        known = re.search(f"//{name}:(.+)@", path.read_text(encoding="utf-8")) if path.exists() else None
        passwords[name] = known[1] if known and not renew else secrets.token_urlsafe(BYTES)
        store(path, f"redis://{name}:{passwords[name]}@valkey:6379/0")
    store(valkey / "users.acl", "".join(f"{line}\n" for line in account_lines(passwords)))
    store(valkey / "valkey.conf", VALKEY)


def remember(path: Path) -> None:
    """Adds the password to those that PostgreSQL may still have until postgres-roles.sh has given it the new one."""
    if path.exists():
        former = path.with_name(f"{path.name}_before")
        known = former.read_text(encoding="utf-8").split() if former.exists() else []
        store(former, "".join(f"{one}\n" for one in [path.read_text(encoding="utf-8"), *known][:FORMER]))


def store_given(path: Path, content: str) -> None:
    """Stores a secret of the operator; exits and changes nothing if what came is too short, as of a failed command."""
    least = LEAST.get(path.name, 1)
    given = len(content.split(",")[0])  # VENTANILLA_SECRET may name former ones after it
    if given < least:
        sys.exit(f"make_secrets: {path.name} was not changed: {given} characters came, and it has {least} at least")
    store(path, content)


def main(folder: str, name: str = "") -> None:
    os.umask(0o022)  # the stores have users of their own
    root = Path(folder)
    if name in {"", "--renew"}:
        make(root, renew=bool(name))
    elif NAME.fullmatch(name):
        store_given(root / "app" / name, sys.stdin.read().strip())
    else:
        sys.exit(f"make_secrets: not a name of a setting in lower case: {name}")


if __name__ == "__main__":
    main(*sys.argv[1:])
