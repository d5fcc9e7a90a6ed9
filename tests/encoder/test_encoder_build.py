"""Tests that the encoder is built with the active adapter and that the weights are downloaded once."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from bot.core.errors.encoder import EncoderDamaged, EncoderMissing
from bot.core.settings import Settings
from bot.encoder_build import prepare as encoder_build
from bot.encoder_build.__main__ import main
from bot.encoder_build.adapter import SCALE, Adapter
from bot.encoder_build.prepare import prepare_encoder
from bot.encoder_build.weights import Shape, Weights
from bot.faq.encoder.encoder import Encoder
from bot.faq.encoder.folder import (
    ADAPTER,
    BUILD,
    MODEL,
    OWN_ADAPTER,
    TOKENIZER,
    VERIFIER,
    WEIGHTS,
    adapter_file,
    encoder_folder,
    have_encoder_built,
    is_encoder,
)
from bot.run.prepare_faq import prepare_faq
from tests.faq_files import agency

TEXTS = ["query: renovar el carnet", "query: hay un hoyo en mi calle"]


@pytest.fixture
def home(tmp_path: Path, encoder_folder: Path) -> Path:
    """Returns the ``answers_home`` of ``tmp_path``, with downloaded weights."""
    made = tmp_path / "answers"
    (made / "encoder").mkdir(parents=True)
    shutil.copy(encoder_folder.parent / WEIGHTS, made / "encoder" / WEIGHTS)
    return made


@pytest.fixture(autouse=True)
def no_download(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_build, "REQUIREMENTS", Path("no-such-file"))


def alike(one: Encoder, other: Encoder) -> float:
    """Returns the lowest cosine between the two encoders' vectors of a text."""
    return float((one.embed(TEXTS) * other.embed(TEXTS)).sum(axis=1).min())


def test_missing_encoder_is_built_in_a_separate_process_with_the_adapter_of_the_project(
    home: Path, encoder: Encoder
) -> None:
    assert adapter_file(home) == ADAPTER
    folders = [home / "encoder" / name for name in ("e5-small-0-plain", f"{BUILD}-other")]
    for one in folders:
        one.mkdir()
    built = have_encoder_built(home)
    assert built == encoder_folder(home) and is_encoder(built) and (built / VERIFIER).is_file()
    assert [one.is_dir() for one in folders] == [False, True]  # an older release's is deleted
    assert alike(Encoder(built), encoder) > 0.999
    assert [path.name for path in built.parent.iterdir() if path.name.startswith(".")] == []


def test_encoder_without_an_adapter_is_the_plain_one(
    home: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.faq.encoder.folder.ADAPTER", home / "none.safetensors")
    built = prepare_encoder(home)
    assert built.name.endswith("-plain")
    assert alike(Encoder(built), encoder) < 0.99


def test_agency_adapter_has_precedence(home: Path, encoder: Encoder) -> None:
    before = encoder_folder(home)
    weaker = {part: (down, up * np.float16(0.5)) for part, (down, up) in Adapter.load(ADAPTER).parts.items()}
    Adapter(weaker).save(home / OWN_ADAPTER)
    assert adapter_file(home) == home / OWN_ADAPTER
    built = prepare_encoder(home)
    assert built == encoder_folder(home) != before
    assert alike(Encoder(built), encoder) < 0.995


def test_damaged_weights_are_downloaded_again(home: Path) -> None:
    (home / "encoder" / WEIGHTS).write_bytes(b"damaged")
    with pytest.raises(encoder_build.EncoderMissing):
        prepare_encoder(home)


def test_broken_adapter_is_reported_in_one_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / OWN_ADAPTER).write_bytes(b"basura")
    assert main(str(home)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    with pytest.raises(EncoderMissing, match=re.escape(line[:40])):
        have_encoder_built(home)


def test_damaged_encoder_is_built_again(home: Path, encoder_folder: Path) -> None:
    copy = Path(shutil.copytree(encoder_folder, home / "encoder" / encoder_folder.name))
    for name in (TOKENIZER, MODEL):
        shutil.copy(encoder_folder / TOKENIZER, copy / TOKENIZER)
        (copy / name).write_bytes((copy / name).read_bytes()[:100_000])
        with pytest.raises(EncoderDamaged):
            Encoder(copy)
    nothing = home / "nothing"
    nothing.mkdir()
    prepare_faq(Settings(VENTANILLA_HOME=home.parent, VENTANILLA_ROOT=nothing, FAQ_DIR=nothing), agency())
    assert len(Encoder(copy).embed(TEXTS)) == len(TEXTS)


def test_custom_encoder_is_never_rebuilt(home: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    for name in (MODEL, TOKENIZER):
        (own / name).write_bytes(b"damaged")
    settings = Settings(VENTANILLA_HOME=home.parent, VENTANILLA_ROOT=home / "nothing", FAQ_ENCODER=str(own))
    with pytest.raises(EncoderDamaged, match="own"):
        prepare_faq(settings, agency())
    assert (own / MODEL).read_bytes() == b"damaged"


def test_an_adapter_adds_the_scaled_product_of_its_halves() -> None:
    random = np.random.default_rng(3)
    matrix = random.normal(size=(6, 4)).astype(np.float32)
    down, up = random.normal(size=(2, 4)).astype(np.float16), random.normal(size=(6, 2)).astype(np.float16)
    weights = Weights(
        Shape(4, 1, 1, 6, 8, 1e-12), {"l0.q.w": matrix, "l0.q.b": matrix[:, 0]}, (), np.zeros(0, np.float32)
    )
    merged = Adapter({"l0.q": (down, up)}).merged_into(weights)
    assert SCALE == 2.0
    assert np.allclose(
        merged.tensors["l0.q.w"], matrix + 2 * up.astype(np.float32) @ down.astype(np.float32), atol=1e-5
    )
    assert merged.tensors["l0.q.b"] is weights.tensors["l0.q.b"]
    assert np.array_equal(weights.tensors["l0.q.w"], matrix)
