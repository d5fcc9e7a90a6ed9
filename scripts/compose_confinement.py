"""Reads from /proc how the kernel confines a container's process. Needs root and Linux."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

NO_CAPABILITY, BIND_LOW_PORTS = 0, 1 << 10
ANYWHERE = "00000000"  # the destination of a default route in /proc/PID/net/route


@dataclass(frozen=True)
class Confinement:
    """The privileges of a process; ``capabilities`` is a bit mask."""

    root: bool
    capabilities: int
    new_privileges: bool
    writable: bool  # whether the root file system is writable
    way_out: bool  # whether a default route exists


def confinement(process: Path) -> Confinement:
    """Returns the privileges of the process with the folder ``process`` in /proc. Raises OSError if it has ended."""
    lines = (process / "status").read_text(encoding="utf-8").splitlines()
    facts = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Confinement(
        root="0" in facts["Uid"].split(),
        capabilities=int(facts["CapEff"], 16) | int(facts["CapBnd"], 16),
        new_privileges=facts["NoNewPrivs"] != "1",
        writable=_root_is_writable(process),
        way_out=_has_default_route(process),
    )


def promised(service: str) -> Confinement:
    """Returns the confinement that docs/operations/docker-compose.md promises for a service."""
    return Confinement(
        root=False,
        capabilities=BIND_LOW_PORTS if service == "proxy" else NO_CAPABILITY,
        new_privileges=False,
        writable=False,
        way_out=service in {"bot", "worker", "proxy"},
    )


def _root_is_writable(process: Path) -> bool:
    rows = [line.split() for line in (process / "mounts").read_text(encoding="utf-8").splitlines()]
    return not any(row[1] == "/" and "ro" in row[3].split(",") for row in rows)


def _has_default_route(process: Path) -> bool:
    rows = [line.split() for line in (process / "net" / "route").read_text(encoding="utf-8").splitlines()[1:]]
    return any(row[1] == ANYWHERE for row in rows)
