"""``python -m bot.encoder_build HOME``: prepares the encoder of a home folder.

``bot.faq.encoder.folder`` starts it, for a process that must not load the builder. An error that we know ends it with
code 1 and is told in one line.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bot.core.errors import VentanillaError
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
