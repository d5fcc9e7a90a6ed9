"""Runs the launcher: starts the parts on one machine, keeps them alive and stops all of them."""
