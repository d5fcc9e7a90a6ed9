"""Tests that the list of libraries contains every locked one with its hashes, and that unpinned ones are refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.sbom import ENVIRONMENTS, ROOT, Unpinned, libraries, main

LOCK = """# made by uv
Typing_Extensions==4.1 ; python_full_version < '3.12' \\
    --hash=sha256:{one} \\
    --hash=sha256:{two}
    # via bot.in
""".format(one="a" * 64, two="b" * 64)


def test_library_has_name_version_hashes_and_condition() -> None:
    assert libraries(LOCK) == [
        {
            "type": "library",
            "name": "typing-extensions",
            "version": "4.1",
            "purl": "pkg:pypi/typing-extensions@4.1",
            "hashes": [{"alg": "SHA-256", "content": one * 64} for one in "ab"],
            "properties": [{"name": "ventanilla:installed-if", "value": "python_full_version < '3.12'"}],
        }
    ]


@pytest.mark.parametrize(
    "line", ["httpx>=1.0 --hash=sha256:" + "a" * 64, "httpx==1.0", "httpx @ https://x.example/a.whl"]
)
def test_library_without_one_version_and_hashes_is_refused(line: str) -> None:
    with pytest.raises(Unpinned):
        libraries(line)


def test_every_locked_library_is_listed_and_the_same_locks_give_the_same_list(tmp_path: Path) -> None:
    first, second = tmp_path / "one", tmp_path / "two"
    for folder in (first, second):
        folder.mkdir()
        assert main(folder) == 0
    for environment, locks in ENVIRONMENTS.items():
        file = f"sbom-{environment}.cdx.json"
        assert (first / file).read_bytes() == (second / file).read_bytes()
        listed = json.loads((first / file).read_text(encoding="utf-8"))
        pinned = [
            line.split()[0].lower()
            for lock in locks
            for line in (ROOT / "requirements" / lock).read_text(encoding="utf-8").splitlines()
            if "==" in line and line[0].isalnum()
        ]
        assert [f"{one['name']}=={one['version']}" for one in listed["components"]] == pinned
