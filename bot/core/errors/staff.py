"""Defines the errors of staff accounts and sign-in."""

from __future__ import annotations

from bot.core.errors.base import PermanentError


class StaffExists(PermanentError):
    """A staff account with this e-mail already exists."""

    text_key = "desk.errores.cuenta_existe"


class StaffUnknown(PermanentError):
    """There is no staff account with this e-mail."""

    text_key = "desk.errores.cuenta_desconocida"


class StaffInvalid(PermanentError):
    """The e-mail of a staff account is not valid; errors about its other values are subclasses."""

    text_key = "desk.errores.correo_invalido"


class ProviderRefused(PermanentError):
    """Sign-in through the identity provider is refused; ``reason`` is the reason."""


class LastAdministrator(PermanentError):
    """The change would leave no active administrator."""

    text_key = "desk.errores.ultima_administracion"


class RoleUnknown(StaffInvalid):
    """The role of a staff account does not exist."""

    text_key = "desk.errores.rol_desconocido"


class ChoiceUnknown(PermanentError):
    """The team or language of a staff account does not exist."""

    text_key = "cli.staff.desconocido"


class CapacityInvalid(StaffInvalid):
    """The number of simultaneous conversations of a staff account is out of range."""

    text_key = "desk.errores.capacidad_invalida"
