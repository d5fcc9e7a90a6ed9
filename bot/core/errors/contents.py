"""Defines the errors of files that the system reads at its start."""

from __future__ import annotations

from bot.core.errors.base import PermanentError


class InvalidAgency(PermanentError):
    """agency.yml is invalid."""

    text_key = "cli.errores.agencia"


class InvalidRoles(PermanentError):
    """roles.yml is invalid."""

    text_key = "cli.errores.roles"


class SecretsDamaged(PermanentError):
    """The secrets file cannot be read, or is missing although the database that needs it exists."""

    text_key = "cli.errores.secretos"


class CoefficientsInvalid(PermanentError):
    """coefficients.yml lacks a coefficient that the code needs, or contains an invalid coefficient."""

    text_key = "cli.errores.coeficientes"


class ScriptUnreadable(PermanentError):
    """A Lua file of bot/store/lua is missing, or its header is invalid."""
