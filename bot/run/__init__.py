"""Runs the launcher, which starts the processes of the system on one machine, keeps them alive and stops them."""
