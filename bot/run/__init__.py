"""Runs the system on one machine: prepares it, starts its processes, keeps them alive, and checks their state."""
