"""Builds the default encoder out of fetched weights and an adapter: a step of its own, that no running part imports."""
