"""Writes, approves and ends public notices, sends broadcasts, and reads the packs prepared for a crisis."""
