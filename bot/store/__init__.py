"""Redis: client, keys, scripts and what is shared between processes."""
