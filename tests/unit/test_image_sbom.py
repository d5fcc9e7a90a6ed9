"""Tests that an image's list contains its installed Debian packages and libraries, and no removed ones."""

from __future__ import annotations

from scripts.image_sbom import components

TOLD = """13
Package: libssl3t64
Status: install ok installed
Architecture: amd64
Version: 1:3.5.4-1
Description: Secure Sockets Layer toolkit
 Version: none of ours

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Metadata-Version: 2.4
Name: Typing_Extensions
Version: 4.1

Metadata-Version: 2.4
Name: typing-extensions
Version: 4.1
"""


def test_installed_packages_and_libraries_are_listed_once() -> None:
    assert components(TOLD) == [
        {
            "type": "library",
            "name": "libssl3t64",
            "version": "1:3.5.4-1",
            "purl": "pkg:deb/debian/libssl3t64@1%3A3.5.4-1?arch=amd64&distro=debian-13",
        },
        {
            "type": "library",
            "name": "typing-extensions",
            "version": "4.1",
            "purl": "pkg:pypi/typing-extensions@4.1",
        },
    ]
