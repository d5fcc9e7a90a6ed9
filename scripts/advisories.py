"""Checks the locked libraries against published advisories with pip-audit: ``python scripts/advisories.py pip-audit``.

pip-audit exits with 0 even if it could not look up any library, so this script reads its output. It fails if there is
an advisory, or if no service knows one of the libraries.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOCKS = ("bot", "rasa")
SERVICES = ("pypi", "osv")  # the second is asked if the first does not know every library
REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements"
UNREACHED = (
    "No advisory service could be asked about {count} of {all} libraries of {lock}.txt, so they were NOT audited.\n"
    "  Fix: run `make audit` where the advisories of the package index, or OSV, can be reached; a mirror has none.\n"
    "  The first ones: {names}"
)
FOUND = "{name} {version} has {id}; fixed in {fixed}.\n  Fix: raise it in requirements/{lock}.in, then `make lock`."


@dataclass(frozen=True)
class Audit:
    """The result for one lock file: the number of audited libraries, the unknown libraries, and advisories found."""

    lock: str
    audited: int
    unknown: tuple[str, ...]
    found: tuple[str, ...]

    @classmethod
    def of(cls, lock: str, answers: Sequence[dict[str, Any]]) -> Audit:
        """Combines pip-audit's output for each service; a library counts as audited if one of the services knows it."""
        libraries = [one for answer in answers for one in answer.get("dependencies", ())]
        known = {one["name"] for one in libraries if "skip_reason" not in one}
        names = {one["name"] for one in libraries}
        advisories = {
            FOUND.format(
                name=one["name"],
                version=one["version"],
                id=advisory["id"],
                fixed=", ".join(advisory["fix_versions"]) or "no version yet",
                lock=lock,
            )
            for one in libraries
            for advisory in one.get("vulns", ())
        }
        return cls(lock, len(known), tuple(sorted(names - known)), tuple(sorted(advisories)))

    @property
    def passed(self) -> bool:
        return self.audited > 0 and not self.unknown and not self.found

    def told(self) -> str:
        lines = [f"requirements/{self.lock}.txt: {self.audited} libraries audited, {len(self.found)} advisories"]
        lines += self.found
        if self.unknown or not self.audited:
            count, names = len(self.unknown), ", ".join(self.unknown[:5]) or "all"
            lines.append(UNREACHED.format(count=count or "all", all=count + self.audited, lock=self.lock, names=names))
        return "\n".join(lines)


def asked(pip_audit: str, lock: str, service: str) -> dict[str, Any]:
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
        answers.append(asked(pip_audit, lock, service))
        made = Audit.of(lock, answers)
        if made.audited and not made.unknown:
            break
    return made


def main() -> int:
    audits = [audit(sys.argv[1], lock) for lock in LOCKS]
    sys.stdout.write("".join(f"{one.told()}\n" for one in audits))
    return 0 if all(one.passed for one in audits) else 1


if __name__ == "__main__":
    sys.exit(main())
