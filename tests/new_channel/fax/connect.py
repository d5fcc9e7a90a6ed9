"""Makes the channel, if it is on."""

from __future__ import annotations

from bot.channels.fax.settings import FaxSettings

from bot.channels.outgoing.adapter import Adapter, ChannelContext


def connect(context: ChannelContext) -> Adapter | None:
    """The fax; None when FAX_NUMBER is not set."""
    if not FaxSettings().number:
        return None
    from bot.channels.fax.adapter import Fax

    return Fax()
