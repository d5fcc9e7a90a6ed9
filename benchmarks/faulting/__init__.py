"""Tests a real ``ventanilla run`` under faults, with simulated citizens, agents and providers."""
