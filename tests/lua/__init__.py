"""Tests of the Lua libraries, each function through a script of its own on a real Valkey."""
