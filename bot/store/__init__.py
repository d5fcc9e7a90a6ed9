"""Accesses Redis: contains the client, the key names, the Lua scripts, a stream consumer and a throttle."""
