"""The launcher: starts the parts on one machine, keeps them alive, and leaves none behind."""
