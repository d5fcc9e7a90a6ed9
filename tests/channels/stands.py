"""Lists the stands of all channels except the web's, by name."""

from __future__ import annotations

from tests.channels.behaviours import STANDS
from tests.channels.whatsapp_stand import whatsapp_stand

EVERY = STANDS | {"whatsapp": whatsapp_stand}
