"""The one tree of errors. A class's docstring is its message; ``VentanillaError(..., **facts)`` adds what the log
needs.

Errors that a person outside the code must read carry ``text_key``: the key of their Spanish wording in
``bot/core/texts/cli.yml``.
"""

from __future__ import annotations

from typing import Any


class VentanillaError(Exception):
    """Something went wrong."""

    text_key: str = "cli.errores.general"

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        message = (type(self).__doc__ or "").strip().splitlines()[0]
        listed = ", ".join(f"{name}={value}" for name, value in facts.items())
        super().__init__(f"{message} ({listed})" if listed else message)


class RetryableError(VentanillaError):
    """A part did not answer; the same request may work later."""


class PermanentError(VentanillaError):
    """A part refused the request; repeating it cannot work."""


class RasaUnavailable(RetryableError):
    """Rasa did not answer in time or could not be reached."""


class RasaSilent(PermanentError):
    """Rasa answered with nothing: an action or the agent failed."""


class SendLater(RetryableError):
    """The channel could not take a message now; it is tried again.

    ``retry_after_s``: not before so many seconds, as the provider asks; then nothing at all is sent through the channel
    for that long when ``everyone``.
    """

    def __init__(self, reason: str, *, retry_after_s: float = 0.0, everyone: bool = False, **facts: Any) -> None:
        super().__init__(reason=reason, retry_after_s=retry_after_s, **facts)
        self.reason = reason
        self.retry_after_s = retry_after_s
        self.everyone = everyone


class SendRefused(PermanentError):
    """The channel will not take this message, however often it is sent.

    ``reason`` is a key of ``canales.fallos`` in bot/core/texts/canales.yml, where the desk finds its wording, or
    ``<channel>.<key>`` of ``fallos`` in the texts.yml of the channel's folder.
    """

    def __init__(self, reason: str, **facts: Any) -> None:
        super().__init__(reason=reason, **facts)
        self.reason = reason


class FileTooBig(PermanentError):
    """A file is larger than is taken."""


class FileKindRefused(PermanentError):
    """A file is of a kind that is not taken, or not what its name says."""


class ChannelCarriesNoFile(PermanentError):
    """The channel cannot take a file now; ``hindrance`` says why."""


class InvalidAgency(PermanentError):
    """agency.yml cannot be used."""

    text_key = "cli.errores.agencia"


class InvalidEntry(PermanentError):
    """An FAQ entry cannot be served."""

    text_key = "cli.errores.entrada"


class EncoderMissing(PermanentError):
    """The encoder's files have not been prepared."""

    text_key = "cli.errores.codificador"


class EncoderDamaged(EncoderMissing):
    """The encoder's files cannot be read."""

    text_key = "cli.errores.codificador_malo"


class SecretsDamaged(PermanentError):
    """The file of secrets cannot be read, or is gone while what it opens is there."""

    text_key = "cli.errores.secretos"


class AdapterUnusable(PermanentError):
    """A file is not an adapter of this encoder."""

    text_key = "cli.errores.adaptador"


class CoefficientsInvalid(PermanentError):
    """coefficients.yml does not hold the numbers that the code computes with."""

    text_key = "cli.errores.coeficientes"


class TuningMissing(PermanentError):
    """The environment for tuning has not been installed."""

    text_key = "cli.errores.sin_ajuste"


class TuningFailed(PermanentError):
    """Tuning ended without an adapter."""

    text_key = "cli.errores.ajuste_fallido"


class TuningRuns(PermanentError):
    """The encoder is being tuned already."""

    text_key = "cli.errores.ajuste_en_curso"


class EncoderFixed(PermanentError):
    """FAQ_ENCODER names an encoder that is not ours to tune."""

    text_key = "cli.errores.codificador_fijo"


class PortBusy(PermanentError):
    """A port is already taken by another program."""

    text_key = "cli.errores.puerto_ocupado"


class PartFailed(PermanentError):
    """A part did not become healthy."""

    text_key = "cli.errores.parte_caida"


class TicketTaken(PermanentError):
    """Another agent already has this ticket."""

    text_key = "cli.errores.ticket_tomado"


class TicketNotYours(PermanentError):
    """The ticket is not claimed by this agent."""

    text_key = "cli.errores.ticket_ajeno"


class AlreadyDecided(PermanentError):
    """Somebody has decided on this answer, or its time is over."""

    text_key = "desk.errores.propuesta_decidida"


class StaffAbsent(PermanentError):
    """The agent is not at the desk now."""

    text_key = "desk.errores.ausente"


class StaffExists(PermanentError):
    """There is already a staff account with this e-mail."""

    text_key = "desk.errores.cuenta_existe"


class StaffUnknown(PermanentError):
    """There is no staff account with this e-mail."""

    text_key = "desk.errores.cuenta_desconocida"


class StaffInvalid(PermanentError):
    """The e-mail or a role of a staff account is not valid."""

    text_key = "desk.errores.correo_invalido"


class ProviderRefused(PermanentError):
    """The identity provider's word is not enough to let somebody in."""


class LastAdministrator(PermanentError):
    """The change would leave no active administrator."""

    text_key = "desk.errores.ultima_administracion"


class RoleUnknown(StaffInvalid):
    """A role of a staff account is not one of ours."""

    text_key = "desk.errores.rol_desconocido"


class ChoiceUnknown(PermanentError):
    """A team or language named for a staff account is not one of ours."""

    text_key = "cli.staff.desconocido"


class CapacityInvalid(StaffInvalid):
    """Nobody is given so many conversations at once."""

    text_key = "desk.errores.capacidad_invalida"


class AlreadyRunning(PermanentError):
    """Another launcher runs from this home folder."""

    text_key = "cli.run.ya_en_marcha"


class NotRunning(PermanentError):
    """No system runs from this home folder."""

    text_key = "cli.errores.apagada"


class ScriptUnreadable(PermanentError):
    """A Lua file of bot/store/lua cannot be loaded."""
