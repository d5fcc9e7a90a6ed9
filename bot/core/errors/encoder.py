"""Defines the errors of the encoder and its tuning."""

from __future__ import annotations

from bot.core.errors.base import PermanentError


class EncoderMissing(PermanentError):
    """The encoder's files have not been prepared."""

    text_key = "cli.errores.codificador"


class EncoderDamaged(EncoderMissing):
    """The encoder's files cannot be read."""

    text_key = "cli.errores.codificador_malo"


class AdapterUnusable(PermanentError):
    """The file is not an adapter of this encoder."""

    text_key = "cli.errores.adaptador"


class TuningMissing(PermanentError):
    """The tuning environment is not installed."""

    text_key = "cli.errores.sin_ajuste"


class TuningFailed(PermanentError):
    """Tuning ended without producing an adapter."""

    text_key = "cli.errores.ajuste_fallido"


class TuningTooEarly(PermanentError):
    """Most entries have so few utterances that answering without the verifier costs more than tuning brings."""

    text_key = "cli.errores.ajuste_pronto"


class TuningRuns(PermanentError):
    """A tuning run is already in progress."""

    text_key = "cli.errores.ajuste_en_curso"


class EncoderFixed(PermanentError):
    """FAQ_ENCODER names an encoder that Ventanilla cannot tune."""

    text_key = "cli.errores.codificador_fijo"
