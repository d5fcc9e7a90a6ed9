"""Finds the secret of this installation, for commands that must not make one or take another's."""

from __future__ import annotations

from bot.backup.errors import SecretElsewhere
from bot.core.secrets.encryption import fingerprints
from bot.core.secrets.kept import kept_already
from bot.core.settings import Settings
from bot.run.system import running_system


def own_secret(settings: Settings) -> str:
    """Returns VENTANILLA_SECRET, or the secret of the home folder if an installation uses that.

    A command that lacks the service's settings, such as VENTANILLA_HOME, finds an empty folder, or one in which another
    such command made a secret. Raises SecretElsewhere and SecretsDamaged.
    """
    home = settings.home
    has_stores = settings.database_url.get_secret_value() or (home / "postgres").exists()
    secret = settings.secret.get_secret_value() or (kept_already(home, "secret") if has_stores else "")
    used = (running_system(home) or {}).get("secret_fingerprint")
    if not secret or (used and used not in fingerprints(secret)):  # a rotated secret contains the one in use
        raise SecretElsewhere(carpeta=home)
    return secret
