"""Locates the folder of the default encoder, and builds a missing encoder in a separate process.

Thanks to the separate process, the process that answers loads neither bot/encoder_build nor the library ``onnx``.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bot.core.errors.encoder import EncoderMissing
from bot.core.settings import ROOT, Settings

ADAPTER = ROOT / "data" / "encoder" / "adapter.safetensors"
TRAINED_VERIFIER = ADAPTER.with_name("verifier.safetensors")
OWN_ADAPTER = "adapter.safetensors"
WEIGHTS = "weights.bin"
MODEL, TOKENIZER = "model.onnx", "tokenizer.json"
VERIFIER = "verifier.onnx"  # only beside an encoder with the adapter for which it was trained
VECTORS = "vectors.sqlite"  # in the home folder
# The folder's name is BUILD and the adapter's hash; raise BUILD's number to make every installation rebuild.
BUILD = "e5-small-6"
BUILD_TIMEOUT_S = 1200.0


@dataclass(frozen=True)
class EncoderInUse:
    """The encoder in use: its name ('' if unknown), and whether the agency tuned its adapter."""

    name: str
    is_own: bool = False


def encoder_folder(home: Path) -> Path:
    """Returns the folder, below ``home``, for the default encoder with the current adapter; it might not exist yet."""
    return home / "encoder" / f"{BUILD}-{adapter_digest(adapter_file(home))}"


def adapter_digest(adapter: Path) -> str:
    """Returns the first digits of the hash of an adapter's file, or "plain" if there is none."""
    return hashlib.sha256(adapter.read_bytes()).hexdigest()[:8] if adapter.is_file() else "plain"


def chosen_encoder(settings: Settings) -> Path:
    """Returns the folder of FAQ_ENCODER or, if it is not set, of the default encoder."""
    return Path(settings.faq_encoder) if settings.faq_encoder else encoder_folder(settings.answers_home)


def adapter_file(home: Path) -> Path:
    """Returns the path of the agency's own tuned adapter if there is one, else of the project's adapter."""
    tuned = home / OWN_ADAPTER
    return tuned if tuned.is_file() else ADAPTER


def encoder_in_use(home: Path, chosen: str = "") -> EncoderInUse:
    """Returns the encoder in use: ``chosen`` (FAQ_ENCODER), or if that is '', the default encoder."""
    if chosen:
        return EncoderInUse(chosen)
    return EncoderInUse(encoder_folder(home).name, is_own=adapter_file(home) != ADAPTER)


def is_encoder(folder: Path) -> bool:
    """Returns whether ``folder`` contains the model and the tokenizer of an encoder."""
    return (folder / MODEL).is_file() and (folder / TOKENIZER).is_file()


def have_encoder_built(home: Path) -> Path:
    """Returns the folder of the default encoder; if the encoder is missing, first builds it in a separate process.

    Raises EncoderMissing if the build fails or times out; after a failure, the error contains the last part of the
    build's error output.
    """
    target = encoder_folder(home)
    if is_encoder(target):
        return target
    command = [sys.executable, "-m", "bot.encoder_build", str(home.absolute())]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=BUILD_TIMEOUT_S)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise EncoderMissing(step="build", problem="timeout") from error
    if done.returncode:
        raise EncoderMissing(step="build", problem=" ".join(done.stderr.split())[-300:])
    return target
