"""Tells staff about entries: who must approve, correct, check or renew one, at the desk and by e-mail."""
