"""Approves several entries that wait for a second person with one decision: what waits, its checks, and the result."""
