"""Lists what an image contains as CycloneDX: ``python -m scripts.image_sbom IMAGE`` writes sbom-image-NAME.cdx.json.

Lists the Debian packages of the image's base and the libraries of its Python environments, which are read in a
container without network. Needs Docker; the image's own program is not started. In contrast, the lists of
scripts/sbom.py are made from the lock files and contain hashes.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys

from scripts.sbom import ROOT, Library, listing

DEBIAN, PYTHON = "/var/lib/dpkg/status", "/app/.venv*/lib/python*/site-packages/*.dist-info/METADATA"
READ = f"""
. /etc/os-release; echo "$VERSION_ID"; cat {DEBIAN}; echo
for file in {PYTHON}; do if [ -f "$file" ]; then sed "/^$/q" "$file"; echo; fi; done
"""


def contents(image: str) -> str:
    """Returns the version of Debian, then its packages and the headers of the libraries' metadata, as paragraphs.

    Ends the program if Docker fails.
    """
    isolated = ("run", "--rm", "--network", "none", "--read-only", "--cap-drop", "ALL", "--entrypoint", "sh")
    done = subprocess.run(["docker", *isolated, image, "-c", READ], capture_output=True, text=True)  # noqa: S603, S607
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def components(told: str) -> list[Library]:
    """Returns the installed packages and libraries that ``told`` describes, each once, sorted by purl.

    ``told`` is the output of ``contents``.
    """
    release, _, paragraphs = told.partition("\n")
    found = {}
    for paragraph in re.split(r"\n\n+", paragraphs):
        fields = dict(re.findall(r"^([A-Z][A-Za-z-]*): (.*)$", paragraph, re.MULTILINE))
        if made := _component(fields, release):
            found[made["purl"]] = made
    return [found[purl] for purl in sorted(found)]


def _component(fields: dict[str, str], release: str) -> Library | None:
    if "Metadata-Version" in fields:
        name, version = re.sub(r"[-_.]+", "-", fields["Name"]).lower(), fields["Version"]
        return Library(type="library", name=name, version=version, purl=f"pkg:pypi/{name}@{version}")
    if fields.get("Status", "").split()[2:] != ["installed"]:
        return None
    name, version, arch = fields["Package"], fields["Version"], fields["Architecture"]
    purl = f"pkg:deb/debian/{name}@{version.replace(':', '%3A')}?arch={arch}&distro=debian-{release}"
    return Library(type="library", name=name, version=version, purl=purl)


def main(image: str) -> None:
    name = "image-" + re.sub(r"[^a-z0-9.]+", "-", image.removeprefix("ventanilla-").removesuffix(":local"))
    written = json.dumps(listing(name, components(contents(image))), indent=1, ensure_ascii=False)
    (ROOT / f"sbom-{name}.cdx.json").write_text(f"{written}\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
