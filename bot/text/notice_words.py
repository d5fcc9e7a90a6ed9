"""Lists the words with which citizens turn notices off and on, and ask to be told when their turn is near."""

from __future__ import annotations

OUT_WORDS = frozenset({"baja", "stop", "alto", "dar de baja", "darme de baja", "no mas avisos", "unsubscribe"})
# Those that mean nothing else, whoever reads them.
SURELY_OUT_WORDS = frozenset({"stop", "unsubscribe", "no mas avisos"})
# Those that may say what a citizen is asked for: «dar de baja» a licence.
MATTER_WORDS = frozenset({"dar de baja", "darme de baja", "dar de alta", "darme de alta"})
BACK_WORDS = frozenset({"alta", "start", "dar de alta", "darme de alta", "quiero avisos"})
NOTIFY_NEAR_WORDS = frozenset({"avisame", "avisenme", "me avisan", "avisame cuando me toque"})
NOTIFY_NEAR_ID = (
    "avisame"  # id of the button that asks for it; when it is pressed, the page asks to be allowed notifications
)
