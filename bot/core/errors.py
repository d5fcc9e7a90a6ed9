"""Defines the errors that several packages use.

The first line of a class's docstring is its message. The keyword arguments, the error's ``facts``, are added to it.
Errors that are shown to people carry ``text_key``, the key of their Spanish text in ``bot/core/texts``.
"""

from __future__ import annotations

from functools import partial
from typing import Any


class VentanillaError(Exception):
    """Something went wrong."""

    text_key: str = "cli.errores.general"

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        message = (type(self).__doc__ or "").strip().splitlines()[0]
        listed = ", ".join(f"{name}={value}" for name, value in facts.items())
        super().__init__(f"{message} ({listed})" if listed else message)

    def __reduce__(self) -> tuple[Any, tuple[()]]:
        """Makes the error picklable, to be sent to another process: unpickling calls the class again with ``facts``."""
        return partial(type(self), **self.facts), ()


class RetryableError(VentanillaError):
    """A service did not answer; the same request may work later."""


class PermanentError(VentanillaError):
    """A service refused the request; repeating it cannot work."""


class OutOfOrder(RetryableError):
    """The citizen's previous message has not arrived; the same request works once it has."""


class RasaUnavailable(RetryableError):
    """Rasa did not answer in time or could not be reached."""


class RasaSilent(PermanentError):
    """Rasa returned no reply, as it does when an action fails, or one that cannot be read."""


class SendLater(RetryableError):
    """The channel could not send a message now; it will be retried.

    ``retry_after_s`` is the delay that the provider asks for. If ``everyone`` is true, the whole channel pauses that
    long, not only this conversation. ``unsure`` is true if the provider may have accepted the message without
    confirming it.
    """

    def __init__(
        self, reason: str, *, retry_after_s: float = 0.0, everyone: bool = False, unsure: bool = False, **facts: Any
    ) -> None:
        super().__init__(reason=reason, retry_after_s=retry_after_s, **facts)
        self.reason = reason
        self.retry_after_s = retry_after_s
        self.everyone = everyone
        self.unsure = unsure


class SendRefused(PermanentError):
    """The channel rejects this message permanently.

    ``reason`` selects the text that the desk shows: a key of ``canales.fallos`` in bot/core/texts/canales.yml, or
    ``<channel>.<key>`` for a key of ``fallos`` in that channel's texts.yml.
    """

    def __init__(self, reason: str, **facts: Any) -> None:
        super().__init__(reason=reason, **facts)
        self.reason = reason


class FileTooBig(PermanentError):
    """A file exceeds the maximum size."""


class DiskLow(PermanentError):
    """There is too little free disk space for this request; see bot/core/disk.py."""


class FileKindRefused(PermanentError):
    """A file's type is not accepted, or its content does not match its extension."""


class PictureTooLarge(FileKindRefused):
    """The picture has more pixels than the limit."""


class HeicRefused(FileKindRefused):
    """The picture is in Apple's HEIC format, which we cannot read."""


class FileInfected(FileKindRefused):
    """The file contains malware."""


class ChannelCarriesNoFile(PermanentError):
    """The channel cannot send a file now; the fact ``hindrance`` is a key of ``desk.sin_archivos``."""


class InvalidAgency(PermanentError):
    """agency.yml is invalid."""

    text_key = "cli.errores.agencia"


class InvalidRoles(PermanentError):
    """roles.yml is invalid."""

    text_key = "cli.errores.roles"


class InvalidEntry(PermanentError):
    """An FAQ entry is invalid."""

    text_key = "cli.errores.entrada"


class EncoderMissing(PermanentError):
    """The encoder's files have not been prepared."""

    text_key = "cli.errores.codificador"


class EncoderDamaged(EncoderMissing):
    """The encoder's files cannot be read."""

    text_key = "cli.errores.codificador_malo"


class SecretsDamaged(PermanentError):
    """The secrets file cannot be read, or is missing although the database that needs it exists."""

    text_key = "cli.errores.secretos"


class AdapterUnusable(PermanentError):
    """The file is not an adapter of this encoder."""

    text_key = "cli.errores.adaptador"


class CoefficientsInvalid(PermanentError):
    """coefficients.yml lacks a coefficient that the code needs, or contains an invalid one."""

    text_key = "cli.errores.coeficientes"


class TuningMissing(PermanentError):
    """The tuning environment is not installed."""

    text_key = "cli.errores.sin_ajuste"


class TuningFailed(PermanentError):
    """Tuning ended without producing an adapter."""

    text_key = "cli.errores.ajuste_fallido"


class TuningRuns(PermanentError):
    """A tuning run is already in progress."""

    text_key = "cli.errores.ajuste_en_curso"


class EncoderFixed(PermanentError):
    """FAQ_ENCODER names an encoder that Ventanilla cannot tune."""

    text_key = "cli.errores.codificador_fijo"


class PortBusy(PermanentError):
    """Another program already uses the port."""

    text_key = "cli.errores.puerto_ocupado"


class PartFailed(PermanentError):
    """A part of the system failed or did not become healthy."""

    text_key = "cli.errores.parte_caida"


class PreparationKilled(PermanentError):
    """The process that prepares the FAQ was killed."""

    text_key = "cli.errores.preparacion_cortada"


class TicketTaken(PermanentError):
    """Another agent has claimed this ticket, or it no longer waits."""

    text_key = "cli.errores.ticket_tomado"


class TicketNotYours(PermanentError):
    """The agent does not own this ticket."""

    text_key = "cli.errores.ticket_ajeno"


class AlreadyDecided(PermanentError):
    """The pending approval has already been decided, or has expired."""

    text_key = "desk.errores.propuesta_decidida"


class StaffAbsent(PermanentError):
    """The agent is not present at the desk."""

    text_key = "desk.errores.ausente"


class StaffExists(PermanentError):
    """A staff account with this e-mail already exists."""

    text_key = "desk.errores.cuenta_existe"


class StaffUnknown(PermanentError):
    """There is no staff account with this e-mail."""

    text_key = "desk.errores.cuenta_desconocida"


class StaffInvalid(PermanentError):
    """The e-mail or a role of a staff account is not valid."""

    text_key = "desk.errores.correo_invalido"


class ProviderRefused(PermanentError):
    """Sign-in through the identity provider is refused; ``reason`` says why."""


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


class AlreadyRunning(PermanentError):
    """Another launcher is already running from this home folder."""

    text_key = "cli.run.ya_en_marcha"


class ModelMissing(PermanentError):
    """There is no trained Rasa model."""

    text_key = "cli.errores.sin_modelo"


class NotRunning(PermanentError):
    """Ventanilla is not running from this home folder."""

    text_key = "cli.errores.apagada"


class CitizenStillWrites(PermanentError):
    """The citizen wrote messages that nobody has answered.

    ``text`` is the text of these messages; ``seconds`` is the age of the newest one and ``message`` its id.
    """

    def __init__(self, text: str, seconds: int, message: str) -> None:
        super().__init__(seconds=seconds)  # these facts are logged, and logs must not contain a citizen's words
        self.text = text
        self.seconds = seconds
        self.message = message


class ScriptUnreadable(PermanentError):
    """A Lua file of bot/store/lua is missing, or its header is invalid."""
