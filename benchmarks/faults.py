"""Tests a whole system under faults: ``python -m benchmarks.faults [--minutes 30] [--outside-valkey] [--soak]``.

Starts ``ventanilla run`` on a separate home folder, with simulated Telegram, Twilio, citizens, agents, editor, mail
server and webhook, and causes a random fault every few seconds. At the end, everything must be healthy again. Prints
the findings as Markdown, such as messages that were lost, unanswered, repeated or left over, and exits with 1 if any
finding is grave. Disk and network faults need root, network faults also nft, clock jumps libfaketime; faults that this
machine cannot cause are skipped. With ``--outside-valkey`` the system uses a Valkey with a replica, which fails over,
and the faults of the launcher's own Valkey are omitted. With ``--lying-disk`` Valkey's file is also truncated and
damaged; messages that this may lose are counted separately, and no clock jumps. With ``--soak`` there are no faults,
but as many messages as possible, and the growth of memory and files is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from benchmarks.faulting import chaos, cuts, failover, long_stops, losses, second_bot, stores
from benchmarks.faulting.chaos import Fault
from benchmarks.faulting.citizens import Manner
from benchmarks.faulting.plan import Plan
from benchmarks.faulting.run import Run, to_stderr
from benchmarks.faulting.system import CLOCK, LYING, NETWORK, OUTSIDE, PARTS
from benchmarks.faulting.table import rendered

EVERYTHING = (*PARTS, "launcher")
KILLS = (*(chaos.kill(part) for part in EVERYTHING), chaos.kill(*EVERYTHING))
STOPS = (*(chaos.stop(part) for part in EVERYTHING), chaos.stop(*PARTS))
DISKS = tuple(chaos.disk_full(name) for name in ("state", "logs", "files"))
OTHERS = (chaos.ROLLING, chaos.RESTARTED, chaos.SECOND, chaos.providers("storm", 30.0), chaos.providers("deaf", 20.0))
OUTER = (*cuts.CUTS, *cuts.JUMPS, *failover.FAILOVERS, *losses.LOSSES)
FAULTS = (
    *KILLS,
    *STOPS,
    *stores.STORES,
    *DISKS,
    *OUTER,
    *second_bot.TWO_BOTS,
    *long_stops.LONG,
    *OTHERS,
    *stores.EDITORS,
)
SOAK, SAMPLES = Manner(pauses_s=(0.0, 0.5), person=0.02), 6


def named(fault: Fault, words: str) -> bool:
    """Returns whether the fault's name contains one of the texts in ``words``, which are separated by commas."""
    return any(one in fault.name for one in words.split(","))


def applies(fault: Fault, *, outside_valkey: bool, lying_disk: bool = False) -> bool:
    """Returns whether the fault is possible with the Valkey and the disk in use.

    With ``outside_valkey``, Valkey's only faults are those of the network and fail-overs, which the launcher's own
    Valkey does not have. With ``lying_disk``, the clock does not jump: after a jump ahead, a lost event's id could be
    given to the next event.
    """
    if outside_valkey:
        return "valkey" not in fault.parts or fault.needs in {NETWORK, OUTSIDE}
    return fault.needs not in {OUTSIDE, CLOCK if lying_disk else LYING}


def plan_of(arguments: argparse.Namespace) -> Plan:
    chosen = tuple(
        one
        for one in FAULTS
        if applies(one, outside_valkey=arguments.outside_valkey, lying_disk=arguments.lying_disk)
        and named(one, arguments.only)
        and not (arguments.without and named(one, arguments.without))
    )
    of_providers = max(1, arguments.citizens // 3)
    return Plan(
        web=arguments.citizens,
        telegram=of_providers,
        whatsapp=of_providers,
        minutes=arguments.minutes,
        seed=arguments.seed,
        faults=() if arguments.soak else chosen,
        most_faults=arguments.faults,
        every_s=arguments.every,
        patience_s=Plan.patience_s * arguments.slower,
        must=bool(arguments.only),
        polled=arguments.polling,
        slower=arguments.slower,
        keep=arguments.keep,
        outside_valkey=arguments.outside_valkey,
        lying_disk=arguments.lying_disk,
        manner=SOAK if arguments.soak else Manner(),
        samples=SAMPLES if arguments.soak else 0,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, default=1000, help="at most so many")
    parser.add_argument("--every", type=float, default=6.0, help="seconds of health before each fault")
    parser.add_argument("--citizens", type=int, default=30, help="on the web; a third of it on each provider")
    parser.add_argument("--only", default="", help="only faults whose name has one of these, separated by commas")
    parser.add_argument("--without", default="", help="none of these")
    parser.add_argument("--keep", type=Path, help="a folder for the logs and for all that was said, sent and struck")
    parser.add_argument("--polling", action="store_true", help="Telegram is asked for updates; no WhatsApp")
    parser.add_argument("--slower", type=float, default=1.0, help="how many times slower than usual this machine is")
    parser.add_argument("--outside-valkey", action="store_true", help="Valkey is not the launcher's, and fails over")
    parser.add_argument("--lying-disk", action="store_true", help="Valkey's file is also cut and damaged; no jumps")
    parser.add_argument("--soak", action="store_true", help="no faults, as much traffic as there can be")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # cleans up, as after Ctrl-C
    outcome = asyncio.run(Run(plan_of(parser.parse_args()), to_stderr)())
    print(rendered(outcome))  # noqa: T201
    return 0 if outcome.verdict.passed else 1


if __name__ == "__main__":
    sys.exit(main())
