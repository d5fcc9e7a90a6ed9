"""Tries the whole system with faults: citizens, agents, providers and chaos around a real ``ventanilla run``."""
