"""Tests the Lua libraries: each function runs through a script on a real Valkey."""
