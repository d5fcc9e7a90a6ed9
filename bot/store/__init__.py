"""Accesses Redis: client, keys, Lua scripts, stream consumer and throttle."""
