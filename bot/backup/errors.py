"""Defines the errors of backups and restores; their texts are in bot/core/texts/backup.yml."""

from __future__ import annotations

from bot.core.errors import PermanentError, RetryableError


class RecipientMissing(PermanentError):
    """No public key is set for which the backup is encrypted."""

    text_key = "backup.errores.sin_destinatario"


class RecipientInvalid(PermanentError):
    """A public key is not an age recipient."""

    text_key = "backup.errores.destinatario_malo"


class KeyUnreadable(PermanentError):
    """The key file is missing or contains no age key."""

    text_key = "backup.errores.llave_ilegible"


class KeyExists(PermanentError):
    """A file exists where a new key should be written."""

    text_key = "backup.errores.llave_existe"


class KeyWrong(PermanentError):
    """The file was encrypted for another key."""

    text_key = "backup.errores.llave_equivocada"


class BackupDamaged(PermanentError):
    """The backup is truncated, damaged, or no backup."""

    text_key = "backup.errores.danado"


class BackupNewer(PermanentError):
    """The backup was made by a newer release."""

    text_key = "backup.errores.mas_nuevo"


class BackupDiffers(PermanentError):
    """What was restored differs from the backup's own counts."""

    text_key = "backup.errores.no_calza"


class StoreFailed(RetryableError):
    """A store could not be reached, or refused to be copied or filled."""

    text_key = "backup.errores.almacen"


class RecorderBehind(RetryableError):
    """Events wait too long to be recorded, so record and Redis would not fit."""

    text_key = "backup.errores.registro_atrasado"


class HomeInUse(PermanentError):
    """The home folder already contains state."""

    text_key = "backup.errores.carpeta_con_datos"


class StoreInUse(PermanentError):
    """The configured store already contains data."""

    text_key = "backup.errores.almacen_con_datos"


class SecretMissing(PermanentError):
    """Nothing gives the secret of the conversations' names and encrypted values."""

    text_key = "backup.errores.sin_claves"


class SecretForeign(PermanentError):
    """The given secret is not the one that the backed up data was made with."""

    text_key = "backup.errores.claves_ajenas"


class BackupRuns(PermanentError):
    """Another process is writing this backup."""

    text_key = "backup.errores.en_curso"
