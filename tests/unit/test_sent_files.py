"""Tests the links to files in the web chat: the whole file, only its headers, and an error for a damaged one."""

from __future__ import annotations

from pathlib import Path

import httpx
from fastapi import FastAPI

from bot.channels.web.files import sent_files_router
from bot.conversation.addresses import Addresses
from bot.conversation.file_links import FileLinks
from bot.conversation.files import Files

PDF = b"%PDF-1.7 hola"


async def test_head_gets_no_body_and_a_damaged_file_is_not_found(tmp_path: Path) -> None:
    files, links, app = Files(tmp_path), FileLinks(Addresses("s" * 40)), FastAPI()
    app.include_router(sent_files_router(links, files))
    kept = await files.keep("c1", "a.pdf", PDF)
    path = links.path("c1", kept.as_attachment())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
        whole, head = await client.get(path), await client.head(path)
        part = await client.get(path, headers={"Range": "bytes=2-4"})
        stored = tmp_path / "c1" / kept.id
        stored.write_bytes(stored.read_bytes()[:-1])
        damaged = [await client.get(path), await client.head(path)]
    assert (whole.status_code, whole.content, head.status_code, head.content) == (200, PDF, 200, b"")
    assert head.headers == whole.headers
    assert (part.status_code, part.content, part.headers["accept-ranges"]) == (200, PDF, "none")
    assert head.headers["content-length"] == str(len(PDF))
    assert [one.status_code for one in damaged] == [404, 404]
