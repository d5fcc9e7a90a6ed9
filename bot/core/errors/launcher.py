"""Defines the errors of the launcher and the parts that it starts."""

from __future__ import annotations

from bot.core.errors.base import PermanentError


class PortBusy(PermanentError):
    """Another program already uses the port."""

    text_key = "cli.errores.puerto_ocupado"


class CannotListen(PermanentError):
    """The address is not this machine's, or a port below 1024 is not allowed to this user."""

    text_key = "cli.errores.sin_direccion"


class PartFailed(PermanentError):
    """A part of the system failed or did not become healthy."""

    text_key = "cli.errores.parte_caida"


class PreparationKilled(PermanentError):
    """The process that prepares the FAQ was killed."""

    text_key = "cli.errores.preparacion_cortada"


class AlreadyRunning(PermanentError):
    """Another launcher is already running from this home folder."""

    text_key = "cli.run.ya_en_marcha"


class NotRunning(PermanentError):
    """Ventanilla is not running from this home folder."""

    text_key = "cli.errores.apagada"
