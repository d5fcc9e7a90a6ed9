"""Samples our Python processes with py-spy while citizens write, and lists the functions that take the most time."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.end_to_end.load import level
from benchmarks.end_to_end.ours import Ours
from benchmarks.end_to_end.questions import Conversation
from benchmarks.material import markdown

PROFILED = ("bot", "actions", "rasa")
CITIZENS, SECONDS, SAMPLES_A_SECOND = 8, 30, 100
SHOWN = 12
LINE = re.compile(r":\d+\)$")  # the line number at the end of a stack frame
# Innermost functions in which a thread waits for work.
WAITING = (
    "select (selectors.py",
    "Condition.wait (",
    "WorkerThread.run (anyio",
    "Runner.run (asyncio/runners.py",
    "_run_server_forever (sanic",
    "serve (sanic/server/runners.py",
    "get (queue.py",
    "_worker (concurrent/futures",
)
ALWAYS = 0.9  # a function in more than this share of the samples only runs all others
MISSING = "No profile: py-spy is not installed (`pip install py-spy`, or `uv tool install py-spy`)."


async def profile(ours: Ours, asked: Sequence[Conversation], folder: Path) -> str:
    """Returns a table of the functions of each of PROFILED, or the reason why there is no profile.

    While it samples, CITIZENS citizens write for SECONDS seconds. The complete samples are kept in ``folder``, in the
    format of flame graphs.
    """
    spy = shutil.which("py-spy")
    if spy is None:
        return MISSING
    files = {part: folder / f"profile-{part}.txt" for part in PROFILED}
    spies = [await _spied(spy, ours.installation.pid(part), file) for part, file in files.items()]
    await level(ours.converse, asked, citizens=CITIZENS, seconds=SECONDS, pids={})
    ended = [await one.wait() for one in spies]
    if any(ended):
        return "No profile: py-spy may not read the processes (it needs root or ptrace)."
    tables = [table(part, file.read_text(encoding="utf-8").splitlines()) for part, file in files.items()]
    return "\n\n".join([*tables, f"The samples: {', '.join(f'`{file.name}`' for file in files.values())}"])


async def _spied(spy: str, pid: int, file: Path) -> asyncio.subprocess.Process:
    options = ("--format", "raw", "--rate", str(SAMPLES_A_SECOND), "--duration", str(SECONDS), "--output", str(file))
    quiet = asyncio.subprocess.DEVNULL
    return await asyncio.create_subprocess_exec(
        spy, "record", "--pid", str(pid), *options, stdout=quiet, stderr=quiet, stdin=quiet
    )


def table(part: str, lines: Iterable[str]) -> str:
    """Renders the functions with the most samples: first by their own samples, then including the functions they call.

    Leaves out samples in which a thread waits for work, and, in the second list, functions in almost all samples.
    """
    own, whole, total = Counter[str](), Counter[str](), 0
    for line in lines:
        stack, _, count = line.rpartition(" ")
        frames = [LINE.sub(")", frame) for frame in stack.split(";")]
        if frames[-1].startswith(WAITING):
            continue
        total += int(count)
        own[frames[-1]] += int(count)
        whole.update(dict.fromkeys(frames, int(count)))
    called = Counter({frame: count for frame, count in whole.items() if count < ALWAYS * total})
    columns = (f"{part}: own time", "share", "with what it called", "share")
    pairs = zip(own.most_common(SHOWN), called.most_common(SHOWN), strict=False)
    return markdown(columns, [(one, f"{n / total:.0%}", two, f"{m / total:.0%}") for (one, n), (two, m) in pairs])
