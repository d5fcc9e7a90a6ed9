"""Accesses Redis: the client, key names, Lua scripts, encryption of what people wrote, streams and a throttle."""
