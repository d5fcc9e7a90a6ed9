"""Inserts newly fitted coefficients into the text of coefficients.yml; leaves everything else in it unchanged."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

from ruamel.yaml import YAML

from bot.faq.ranking.coefficients import Usual
from bot.faq.ranking.feature_names import EntryFeature

DIGITS = 3
WIDEST = 10_000


def refitted(content: str, usual: Usual) -> str:
    """Returns the text of coefficients.yml, given as ``content``, with the rounded values of ``usual`` as the prior."""

    def fill(loaded: Any) -> None:
        entry = loaded["entry"]
        rows = (entry["intercept"], *(entry["features"][name.value] for name in EntryFeature))
        for row, coefficient, spread in zip(rows, usual.coefficients, usual.spread, strict=True):
            _set(row, "coefficient", coefficient)
            _set(row, "spread", spread)

    return _filled(content, fill)


def refitted_model(content: str, section: str, intercept: float, coefficients: Mapping[str, float]) -> str:
    """Returns ``content`` with the rounded values of a logistic regression, its features by name, in ``section``."""

    def fill(loaded: Any) -> None:
        _set(loaded[section], "intercept", intercept)
        for name, value in coefficients.items():
            _set(loaded[section]["features"], name, value)

    return _filled(content, fill)


def _set(row: Any, name: str, value: float) -> None:
    """Sets the rounded value; an unchanged one keeps its notation."""
    if row[name] != (rounded := round(float(value), DIGITS)):
        row[name] = rounded


def _filled(content: str, fill: Callable[[Any], None]) -> str:
    yaml = YAML()
    yaml.preserve_quotes, yaml.width = True, WIDEST
    loaded = yaml.load(content)
    fill(loaded)
    written = io.StringIO()
    yaml.dump(loaded, written)
    return written.getvalue()
