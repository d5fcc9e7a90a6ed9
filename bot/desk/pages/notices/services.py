"""Holds the services of the page of public notices."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.core.messages import Channel
from bot.desk.crisis.approvals import PackApprovals
from bot.desk.crisis.book import NoticeBook
from bot.desk.crisis.broadcasts import Broadcasts
from bot.desk.crisis.proving import Proving
from bot.desk.crisis.spreading import Spreading
from bot.desk.crisis.steps import Steps
from bot.desk.pages.notices.spikes import SpikeCards
from bot.faq.entries.entry import Published
from bot.public_notices.board import NoticeBoard


@dataclass(frozen=True, kw_only=True)
class NoticeServices:
    """The services that the page of public notices uses; ``channels`` are the configured channels.

    ``data`` is the project's folder ``data``, with the packs; ``home`` is the home folder, with the notices of
    last_resort.py.
    """

    book: NoticeBook
    broadcasts: Broadcasts
    spreading: Spreading
    spikes: SpikeCards
    steps: Steps
    proving: Proving
    approvals: PackApprovals
    board: NoticeBoard
    faq: Published
    channels: tuple[Channel, ...]
    data: Path
    home: Path
