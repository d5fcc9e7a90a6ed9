"""Checks the locked libraries against published advisories with pip-audit: ``python scripts/advisories.py pip-audit``.

pip-audit exits with 0 even if it could not look up any library, so this script reads its output. The script exits with
1 if a newer version of a library in a lock file of RAISED fixes an advisory, or if no service knows one of the
libraries; ``--fixable-only`` ignores the latter. Other advisories are only printed. ``--reachable`` only checks,
without pip-audit, whether a service can be queried from this machine, and exits with 1 if not. Thus `make check` audits
where possible, and prints a warning elsewhere.
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOCKS = ("bot", "rasa")
SERVICES = ("pypi", "osv")  # OSV is queried if PyPI does not know every library
RAISED = frozenset({"bot"})  # locks whose libraries can be raised; Rasa 3.6 gets no fixes and needs its old ones
OSV = "https://api.osv.dev/v1/query"
# A version that has advisories; a service that returns none for it, such as a mirror, has no advisories at all.
VULNERABLE = {"package": {"name": "jinja2", "ecosystem": "PyPI"}, "version": "2.4.1"}
PROBE_TIMEOUT_S = 3.0
NOT_HERE = "No advisory service can be asked from here: libraries not audited. Run `make audit` where one can.\n"
REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements"
UNREACHED = (
    "No advisory service could be asked about {count} of {all} libraries of {lock}.txt, so they were NOT audited.\n"
    "  Fix: run `make audit` where the advisories of the package index, or OSV, can be reached; a mirror has none.\n"
    "  The first ones: {names}"
)
FOUND = "{name} {version} has {id}; fixed in {fixed}."
RAISE = "\n  Fix: raise it in requirements/{lock}.in, then `make lock`."
STAYS = "\n  Rasa needs this version; docs/security.md describes what protects it."


@dataclass(frozen=True)
class Audit:
    """The result for one lock file: the number of audited libraries, the unknown libraries, and advisories found.

    ``fixable`` is the number of advisories that raising a library of the lock would fix.
    """

    lock: str
    audited: int
    unknown: tuple[str, ...]
    found: tuple[str, ...]
    fixable: int = 0

    @classmethod
    def of(cls, lock: str, answers: Sequence[dict[str, Any]]) -> Audit:
        """Combines pip-audit's output for each service; a library is audited if one of the services covers it."""
        libraries = [one for answer in answers for one in answer.get("dependencies", ())]
        known = {one["name"] for one in libraries if "skip_reason" not in one}
        names = {one["name"] for one in libraries}
        advisories = {
            _line(lock, one, advisory): lock in RAISED and bool(advisory["fix_versions"])
            for one in libraries
            for advisory in one.get("vulns", ())
        }
        found = tuple(sorted(advisories))
        return cls(lock, len(known), tuple(sorted(names - known)), found, sum(advisories.values()))

    @property
    def complete(self) -> bool:
        """Returns whether a service knew every library."""
        return self.audited > 0 and not self.unknown

    def summary(self) -> str:
        """Returns lines that describe the result, and a fix for each advisory."""
        lines = [f"requirements/{self.lock}.txt: {self.audited} libraries audited, {len(self.found)} advisories"]
        lines += self.found
        if self.unknown or not self.audited:
            count, names = len(self.unknown), ", ".join(self.unknown[:5]) or "all"
            lines.append(UNREACHED.format(count=count or "all", all=count + self.audited, lock=self.lock, names=names))
        return "\n".join(lines)


def _line(lock: str, library: dict[str, Any], advisory: dict[str, Any]) -> str:
    fixed = ", ".join(advisory["fix_versions"])
    hint = STAYS if lock not in RAISED else RAISE if fixed else ""
    facts = {"name": library["name"], "version": library["version"], "id": advisory["id"], "lock": lock}
    return (FOUND + hint).format(**facts, fixed=fixed or "no version yet")


def reachable(url: str = OSV) -> bool:
    """Returns whether the service at ``url`` answers and knows the advisories of VULNERABLE."""
    question = urllib.request.Request(url, json.dumps(VULNERABLE).encode())  # noqa: S310  (https, or a test's)
    try:
        with urllib.request.urlopen(question, timeout=PROBE_TIMEOUT_S) as answer:  # noqa: S310
            return bool(json.load(answer).get("vulns"))
    except (OSError, ValueError, AttributeError):
        return False


def output_of(pip_audit: str, lock: str, service: str) -> dict[str, Any]:
    """Returns pip-audit's output for a lock file and a service.

    If the output is not JSON, for example because the service failed, prints the error and returns {}.
    """
    command = [pip_audit, "--disable-pip", "--require-hashes", "--progress-spinner", "off", "-f", "json"]
    command += ["-s", service, "-r", str(REQUIREMENTS / f"{lock}.txt")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  (our own)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        lines = done.stderr.strip().splitlines()
        sys.stdout.write(f"{service}: {lines[-1] if lines else 'no answer'}\n")
        return {}
    return answer if isinstance(answer, dict) else {}


def audit(pip_audit: str, lock: str) -> Audit:
    answers: list[dict[str, Any]] = []
    for service in SERVICES:
        answers.append(output_of(pip_audit, lock, service))
        made = Audit.of(lock, answers)
        if made.audited and not made.unknown:
            break
    return made


def main(arguments: Sequence[str]) -> int:
    if "--reachable" in arguments:
        if reachable():
            return 0
        sys.stdout.write(NOT_HERE)
        return 1
    pip_audit, *options = arguments
    audits = [audit(pip_audit, lock) for lock in LOCKS]
    sys.stdout.write("".join(f"{one.summary()}\n" for one in audits))
    complete = "--fixable-only" in options or all(one.complete for one in audits)
    return 0 if complete and not any(one.fixable for one in audits) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
