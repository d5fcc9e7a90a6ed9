"""Runs a launcher of the stores only, to be killed; prints the ids of its child processes once they are ready."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from bot.run.part import Running
from bot.run.ports import free_port
from bot.run.postgres import postgres_part
from bot.run.valkey import valkey_part

if __name__ == "__main__":
    home = Path(sys.argv[1])
    parts = [Running(valkey_part(home, free_port(), "x")), Running(postgres_part(home, free_port(), "x"))]
    for part in parts:
        part.wait_healthy()
    sys.stdout.write(" ".join(str(part.process.pid) for part in parts) + "\n")
    sys.stdout.flush()
    time.sleep(600)
