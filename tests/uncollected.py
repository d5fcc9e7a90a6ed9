"""Turns the garbage collector off in the process that imports the code for all forked ones, which turn it on again."""

from __future__ import annotations

import gc

gc.disable()
