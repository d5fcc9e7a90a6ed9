"""Inserts newly fitted coefficients into the text of coefficients.yml; leaves everything else in it unchanged."""

from __future__ import annotations

import io

from ruamel.yaml import YAML

from bot.faq.ranking.coefficients import Usual
from bot.faq.ranking.feature_names import EntryFeature

DIGITS = 3
WIDEST = 10_000


def refitted(content: str, usual: Usual) -> str:
    """Returns the text of coefficients.yml, given as ``content``, with the rounded values of ``usual`` as the prior."""
    yaml = YAML()
    yaml.preserve_quotes, yaml.width = True, WIDEST
    loaded = yaml.load(content)
    entry = loaded["entry"]
    rows = (entry["intercept"], *(entry["features"][name.value] for name in EntryFeature))
    for row, coefficient, spread in zip(rows, usual.coefficients, usual.spread, strict=True):
        for name, value in (("coefficient", coefficient), ("spread", spread)):
            if row[name] != (rounded := round(float(value), DIGITS)):  # an unchanged value keeps its notation
                row[name] = rounded
    written = io.StringIO()
    yaml.dump(loaded, written)
    return written.getvalue()
