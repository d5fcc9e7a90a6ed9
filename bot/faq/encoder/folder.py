"""Says where the default encoder lives, and has it built by a process of its own when it is not there.

The process that answers never loads what builds (bot/encoder_build), nor the library ``onnx`` with it.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from bot.core.errors import EncoderMissing
from bot.core.settings import ROOT

ADAPTER = ROOT / "data" / "encoder" / "adapter.safetensors"
OWN_ADAPTER = "adapter.safetensors"
WEIGHTS = "weights.bin"
MODEL, TOKENIZER = "model.onnx", "tokenizer.json"
BUILD = "e5-small-3"
"""Begins the folder's name, which ends with the adapter's fingerprint; a new number makes everybody build again."""
BUILD_TIMEOUT_S = 1200.0


def encoder_folder(home: Path) -> Path:
    """Where the default encoder lives below the home folder, with the adapter that is in force."""
    adapter = adapter_file(home)
    mark = hashlib.sha256(adapter.read_bytes()).hexdigest()[:8] if adapter.is_file() else "plain"
    return home / "encoder" / f"{BUILD}-{mark}"


def adapter_file(home: Path) -> Path:
    """The agency's own adapter when it was tuned here, else the project's."""
    own = home / OWN_ADAPTER
    return own if own.is_file() else ADAPTER


def is_encoder(folder: Path) -> bool:
    """Whether ``folder`` holds both files of an encoder."""
    return (folder / MODEL).is_file() and (folder / TOKENIZER).is_file()


def have_encoder_built(home: Path) -> Path:
    """Returns the default encoder's folder, after a process of its own has built it where it is missing. Raises
    EncoderMissing with what that process said.
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
