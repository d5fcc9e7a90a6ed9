"""Lists the locked libraries as CycloneDX 1.6: ``python -m scripts.sbom`` writes sbom-*.cdx.json.

The files are sbom-bot.cdx.json and sbom-rasa.cdx.json. Reads only the lock files, so it needs no network, and equal
locks give equal files. Part of ``make check``: exits with 1 if a library is not pinned to one version or has no hash.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
import uuid
from pathlib import Path
from typing import TypedDict

ROOT = Path(__file__).resolve().parents[1]
# The locks of the environments that agencies run; the locks of tests and tuning are left out.
ENVIRONMENTS = {"bot": ("bot.txt", "encoder.txt"), "rasa": ("rasa.txt",)}
PINNED = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^\s;]+)(?: ; (?P<only>.+))?")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class Unpinned(ValueError):
    """Raised if a line of a lock file is not a library with one version and hashes."""


class Library(TypedDict, total=False):
    """A component of the list; ``properties`` contains the condition under which it is installed, if any."""

    type: str
    name: str
    version: str
    purl: str
    hashes: list[dict[str, str]]
    properties: list[dict[str, str]]


def libraries(lock: str) -> list[Library]:
    """Returns the libraries in ``lock``, the text of a lock file, in the file's order. Raises Unpinned."""
    lines = (line.strip() for line in lock.replace("\\\n", " ").splitlines())
    return [_library(line) for line in lines if line and not line.startswith("#")]


def _library(line: str) -> Library:
    wanted, *_ = line.split(" --hash=", 1)
    pinned, hashes = PINNED.fullmatch(wanted.strip()), HASH.findall(line)
    if not pinned or not hashes:
        raise Unpinned(wanted.strip())
    name, version = re.sub(r"[-_.]+", "-", pinned["name"]).lower(), pinned["version"]
    made = Library(type="library", name=name, version=version, purl=f"pkg:pypi/{name}@{version}")
    made["hashes"] = [{"alg": "SHA-256", "content": one} for one in hashes]  # of each file that may be installed
    if pinned["only"]:
        made["properties"] = [{"name": "ventanilla:installed-if", "value": pinned["only"]}]
    return made


def listing(environment: str, found: list[Library]) -> dict[str, object]:
    """Returns the CycloneDX document of an environment, whose serial number depends only on its contents."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    about = {"type": "application", "name": f"{project['name']}-{environment}", "version": project["version"]}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_OID, json.dumps([about, found])).urn,
        "version": 1,
        "metadata": {"component": about},
        "components": found,
    }


def main(folder: Path = ROOT) -> int:
    for environment, locks in ENVIRONMENTS.items():
        texts = [(ROOT / "requirements" / lock).read_text(encoding="utf-8") for lock in locks]
        try:
            found = [one for text in texts for one in libraries(text)]
        except Unpinned as error:
            sys.stderr.write(f"requirements: «{error}» has not one version with hashes.\n  Fix: run `make lock`.\n")
            return 1
        written = json.dumps(listing(environment, found), indent=1, ensure_ascii=False)
        (folder / f"sbom-{environment}.cdx.json").write_text(f"{written}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
