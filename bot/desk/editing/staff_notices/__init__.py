"""Notifies the staff who must approve, correct, check or renew an entry, at the desk and by e-mail."""
