"""Makes accessible PDFs (PDF/UA-1) with typst, a large optional package, from a template and data as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bot.core.errors.base import VentanillaError

STANDARD = "ua-1"  # typst fails if a screen reader could not read the document


class PdfUnavailable(VentanillaError):
    """The package that makes PDFs is not installed."""

    text_key = "informe.sin_pdf"


@cache
def can_make_pdf() -> bool:
    """Returns whether typst is installed."""
    return find_spec("typst") is not None


def make_pdf(template: Path, name: str, data: Mapping[str, object]) -> bytes:
    """Returns a PDF of a typst template, which reads ``data`` from its input ``name``. Raises PdfUnavailable."""
    if not can_make_pdf():
        raise PdfUnavailable
    typst: Any = import_module("typst")
    inputs = {name: json.dumps(data, ensure_ascii=False)}
    made: bytes = typst.compile(template.read_bytes(), sys_inputs=inputs, pdf_standards=[STANDARD])
    return made
