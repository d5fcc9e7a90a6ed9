"""Defines the errors of backups and restores; their texts are in bot/core/texts/backup.yml."""

from __future__ import annotations

from bot.core.errors.base import PermanentError, RetryableError


class RecipientMissing(PermanentError):
    """No public key is configured, so the backup cannot be encrypted."""

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
    """The file is truncated or damaged, or is not a backup."""

    text_key = "backup.errores.danado"


class BackupNewer(PermanentError):
    """The backup was made by a newer release."""

    text_key = "backup.errores.mas_nuevo"


class BackupDiffers(PermanentError):
    """The restored data does not match the counts stored in the backup."""

    text_key = "backup.errores.no_calza"


class StoreFailed(RetryableError):
    """Redis or PostgreSQL could not be reached, copied or filled."""

    text_key = "backup.errores.almacen"


class RecorderBehind(RetryableError):
    """Events have waited too long to be recorded, so copies of the record and of Redis would not match."""

    text_key = "backup.errores.registro_atrasado"


class HomeInUse(PermanentError):
    """The home folder already contains state."""

    text_key = "backup.errores.carpeta_con_datos"


class StoreInUse(PermanentError):
    """The configured Redis or PostgreSQL already contains data."""

    text_key = "backup.errores.almacen_con_datos"


class SecretMissing(PermanentError):
    """The secret, which no backup contains, is not configured or given as a file, and no new secret is requested."""

    text_key = "backup.errores.sin_claves"


class SecretForeign(PermanentError):
    """The given secret differs from that of the running system or of the backed-up data."""

    text_key = "backup.errores.claves_ajenas"


class SecretElsewhere(PermanentError):
    """The home folder has no secret of an installation, or the running system uses another secret."""

    text_key = "backup.errores.clave_no_aqui"


class BackupRuns(PermanentError):
    """Another process is writing or checking a backup in the same place."""

    text_key = "backup.errores.en_curso"
