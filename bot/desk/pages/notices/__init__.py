"""Serves ``/desk/avisos`` and the pages below it: notices, packs, the proof, spike alarms, broadcasts, reports."""
