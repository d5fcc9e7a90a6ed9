"""Measures what a process does and exposes it to Prometheus on a port of its own."""
