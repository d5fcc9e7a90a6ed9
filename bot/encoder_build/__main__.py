"""Prepares the encoder of a home folder: ``python -m bot.encoder_build HOME``.

``bot.faq.encoder.folder`` runs this as a subprocess, so that the caller does not load the libraries of the build. If
the build raises VentanillaError, prints the error on standard error and exits with code 1.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bot.core.errors.base import VentanillaError
from bot.encoder_build.prepare import prepare_encoder


def main(home: str) -> int:
    try:
        prepare_encoder(Path(home))
    except VentanillaError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
