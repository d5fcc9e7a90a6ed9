"""Cuts the network between two parts with rules of nftables; needs root.

A part runs in a control group, and the rules match the packets between its sockets and the ports of another part, or
all packets of these ports. Nothing else on the machine is affected, and if this process is killed during a cut, the
rules match nothing once the parts have ended.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot.run.ports import LOOPBACK

NFT = shutil.which("nft", path="/usr/sbin:/sbin:/usr/bin:/bin")
CGROUPS = Path("/sys/fs/cgroup")
MOUNTS = Path("/proc/mounts")
PREFIX = "faults-"
LOST_SHARE = 30
PROBE_TIMEOUT_S = 1.0
CLIENT = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), float(sys.argv[3]))"


class Cut(StrEnum):
    """A kind of cut: all packets are lost, the responses are lost, connections are reset, or some packets are lost."""

    SILENT = "silent"
    ANSWERS_LOST = "answers lost"
    RESET = "reset"
    LOSSY = "lossy"


@dataclass(frozen=True)
class Network:
    """The control groups and the rules of one run; ``root`` is where control groups are mounted."""

    root: Path
    pid: int

    @property
    def groups(self) -> str:
        """Returns the common beginning of the paths of the control groups; a part's name is appended to it."""
        return f"{self.root}/{PREFIX}{self.pid}-"

    @property
    def table(self) -> str:
        return f"{PREFIX}{self.pid}".replace("-", "_")

    def make_group(self, part: str) -> None:
        Path(f"{self.groups}{part}").mkdir(exist_ok=True)

    @contextmanager
    def cut(self, part: str, ports: Collection[int], how: Cut) -> Iterator[None]:
        """Cuts the network between ``part`` ('': all processes) and the ports during the block. Raises OSError."""
        group = f"{self.groups}{part}".removeprefix(f"{CGROUPS}/") if part else ""
        self.repair()
        _nft(rules(self.table, group, ports, how))
        try:
            yield
        finally:
            self.repair()

    def repair(self) -> None:
        """Removes the rules, if there are any."""
        with suppress(OSError):
            _nft(f"delete table inet {self.table}\n")

    def remove(self) -> None:
        """Removes the rules, and the control groups whose processes have ended."""
        self.repair()
        for group in self.root.glob(f"{PREFIX}{self.pid}-*"):
            with suppress(OSError):
                group.rmdir()


def rules(table: str, group: str, ports: Collection[int], how: Cut) -> str:
    """Returns the rules for the packets between ``group`` ('': all processes) and the ports, as a script for nft."""
    sockets = f'socket cgroupv2 level 1 "{group}" ' if group else ""
    numbers = "{ " + ", ".join(map(str, sorted(ports))) + " }"
    verdict = {Cut.RESET: "reject with tcp reset", Cut.LOSSY: f"numgen random mod 100 < {LOST_SHARE} drop"}
    there = f"{sockets}tcp dport {numbers} {verdict.get(how, 'drop')}"
    back = f"{sockets}tcp sport {numbers} {verdict.get(how, 'drop')}"
    spared = "tcp flags & rst == rst accept" if how is Cut.RESET else ""
    chains = {"output": "" if how is Cut.ANSWERS_LOST else there, "input": back}
    lines = [f"table inet {table} {{"]
    for hook, rule in chains.items():
        lines += [f"chain {hook} {{", f"type filter hook {hook} priority 0; policy accept;", spared, rule, "}"]
    return "\n".join([*filter(None, lines), "}", ""])


def in_group(command: list[str], group: str) -> list[str]:
    """Returns a command that joins the control group and then becomes ``command``, with the same process id."""
    return ["/bin/sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', group, *command]


def open_network() -> tuple[Network | None, str]:
    """Returns (this run's Network, ''), or (None, the reason why the network cannot be cut here); tries a cut first.

    Removes the rules and groups left by ended runs.
    """
    if os.geteuid() != 0 or NFT is None:
        return None, "cuts of the network need root and nft"
    root = next((Path(at) for _, at, kind in _mounts() if kind == "cgroup2" and at.startswith(str(CGROUPS))), None)
    if root is None:
        return None, "cuts of the network need control groups, version 2"
    network = Network(root, os.getpid())
    try:
        _remove_left(root)
        if _cuts(network):
            return network, ""
    except OSError as error:
        network.remove()
        return None, f"the network cannot be cut: {error}"[:200]
    network.remove()
    return None, "rules for control groups have no effect here"


def _mounts() -> Iterator[tuple[str, str, str]]:
    for line in MOUNTS.read_text().splitlines():
        device, at, kind, *_ = line.split()
        yield device, at, kind


def _remove_left(root: Path) -> None:
    """Removes the rules and groups of runs whose process has ended."""
    tables = {int(word.rpartition("_")[2]) for word in _nft("list tables\n").split() if word.startswith("faults_")}
    groups = {int(group.name.split("-")[1]) for group in root.glob(f"{PREFIX}*")}
    for pid in tables | groups:
        if not Path(f"/proc/{pid}").exists():
            Network(root, pid).remove()


def _cuts(network: Network) -> bool:
    """Returns whether a process in a control group can connect before a cut and cannot during it."""
    network.make_group("probe")
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        client = [sys.executable, "-c", CLIENT, LOOPBACK, str(port), str(PROBE_TIMEOUT_S)]
        command = in_group(client, f"{network.groups}probe")
        before = subprocess.run(command, capture_output=True, check=False).returncode  # noqa: S603
        with network.cut("probe", {port}, Cut.SILENT):
            during = subprocess.run(command, capture_output=True, check=False).returncode  # noqa: S603
    return before == 0 and during != 0


def _nft(script: str) -> str:
    """Runs a script with nft and returns its output. Raises OSError."""
    done = subprocess.run([NFT or "nft", "-f", "-"], input=script, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise OSError(done.stderr.strip())
    return done.stdout
