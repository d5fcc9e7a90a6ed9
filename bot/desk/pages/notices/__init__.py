"""Serves ``/desk/avisos``: public notices, prepared packs, and the proof that every process shows the notices."""
