"""Builds replacements of the official images from Debian's packages, for machines without an image registry.

Run ``python -m scripts.compose_stand_ins`` as root on Debian with mmdebstrap and Docker. The images have the names that
docker-compose.yml and deploy/ use. They are for trials (scripts/compose_trial.py) only, never for production.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.bootstrap import find_python

ROOT = Path(__file__).resolve().parent.parent
SUITE = "trixie"  # this machine's Pythons are linked with the libraries of this release
BASE = f"ventanilla-trial-base:{SUITE}"
LIBRARIES = (
    "ca-certificates,netbase,tzdata,libssl3t64,libffi8,libsqlite3-0,libbz2-1.0,liblzma5,libreadline8t64,libncursesw6,"
    "zlib1g,libuuid1,libgdbm6t64,libexpat1"
)
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
LEFT_OUT = shutil.ignore_patterns("test", "idlelib", "tkinter", "config-*", "__pycache__", "site-packages")
PACKAGES = "apt-get update -q && apt-get install -y -q --no-install-recommends {} && rm -rf /var/lib/apt/lists/*"
PYTHON = """\
FROM {base}
COPY usr/ /usr/local/
COPY ca-certificates.crt /etc/ssl/certs/
RUN ldconfig && cd /usr/local/bin && ln -s python{version} python3 && ln -s python3 python
"""
POSTGRES = """\
FROM {base}
RUN useradd -r -u 999 -d /var/lib/postgresql postgres && {install} \\
    && rm -rf /etc/postgresql /var/lib/postgresql && install -d -o postgres -m 0700 /var/lib/postgresql/data
ENV PATH=/usr/lib/postgresql/17/bin:$PATH
COPY entrypoint /usr/local/bin/
ENTRYPOINT ["entrypoint"]
"""
# The initialization by the official image in an empty folder, as far as docker-compose.yml needs it.
POSTGRES_ENTRYPOINT = """\
#!/bin/sh
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    initdb -U "$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" $POSTGRES_INITDB_ARGS --auth-local=trust
    printf 'host all all all scram-sha-256\\n' >> "$PGDATA/pg_hba.conf"
fi
exec "$@" -c listen_addresses='*'
"""
VALKEY = """\
FROM {base}
RUN useradd -r -u 999 valkey && {install} && install -d -o valkey /data
WORKDIR /data
"""
CADDY = "FROM {base}\nRUN {install}\n"


def main() -> None:
    names = {image: name for image, name in defaults()}
    make_base()
    make_python(names["PYTHON_IMAGE"], "3.11")
    for image, dockerfile, packages in (
        ("POSTGRES_IMAGE", POSTGRES, "postgresql-17"),
        ("VALKEY_IMAGE", VALKEY, "valkey-server valkey-tools"),
        ("CADDY_IMAGE", CADDY, "caddy wget"),
    ):
        make_server(names[image], dockerfile, packages)


def defaults() -> list[tuple[str, str]]:
    """Returns the variables of docker-compose.yml that name official images, each with its default."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    named = [word for line in text.splitlines() for word in line.split("${")[1:] if "_IMAGE:-" in word]
    return [(name, default.partition("}")[0]) for name, _, default in (word.partition(":-") for word in named)]


def make_base() -> None:
    """Builds a minimal Debian image unless it already exists."""
    if subprocess.run(["docker", "image", "inspect", BASE], capture_output=True).returncode == 0:  # noqa: S603, S607
        return
    with tempfile.TemporaryDirectory() as folder:
        archive = f"{folder}/base.tar"
        no_docs = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("man", "doc", "locale")]
        run("mmdebstrap", "--variant=minbase", f"--include={LIBRARIES}", *no_docs, SUITE, archive)
        run("docker", "import", archive, BASE)


def make_python(name: str, version: str) -> None:
    """Builds an image with this machine's Python and with its certificates, which pip needs."""
    python = find_python(version)
    if python is None:
        sys.exit(f"no Python {version} on this machine")
    code = "import sys; print(sys.base_prefix)"
    prefix = Path(subprocess.run([python, "-c", code], capture_output=True, text=True).stdout.strip())  # noqa: S603
    with tempfile.TemporaryDirectory() as folder:
        usr = Path(folder) / "usr"
        shutil.copytree(prefix / f"lib/python{version}", usr / f"lib/python{version}", ignore=LEFT_OUT)
        (usr / f"lib/python{version}/site-packages").mkdir()
        for library in prefix.glob("lib/libpython3*.so.1.0"):
            shutil.copy2(library, usr / "lib")
        (usr / "bin").mkdir()
        shutil.copy2(prefix / f"bin/python{version}", usr / "bin")
        shutil.copy2(CERTIFICATES, folder)
        build(name, Path(folder), PYTHON.format(base=BASE, version=version))


def make_server(name: str, dockerfile: str, packages: str) -> None:
    """Builds an image with a server from Debian's packages."""
    with tempfile.TemporaryDirectory() as folder:
        entrypoint = Path(folder) / "entrypoint"
        entrypoint.write_text(POSTGRES_ENTRYPOINT)
        entrypoint.chmod(0o755)
        build(name, Path(folder), dockerfile.format(base=BASE, install=PACKAGES.format(packages)))


def build(name: str, context: Path, dockerfile: str) -> None:
    (context / "Dockerfile").write_text(dockerfile)
    run("docker", "build", "-q", "-t", name, str(context))


def run(*command: str) -> None:
    subprocess.run(command, check=True)  # noqa: S603


if __name__ == "__main__":
    main()
