"""Accesses Redis, with a client, keys, Lua scripts, a stream consumer and a throttle."""
