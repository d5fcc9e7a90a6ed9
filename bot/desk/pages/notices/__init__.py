"""Serves ``/desk/avisos`` and the pages below it: notices, packs (prepared notices), the proof, spike alarms,
broadcasts and reports.
"""
