"""Serves ``/desk/avisos`` and the pages below it: notices, proof, spike alarms, broadcasts, reports, crisis manual."""
