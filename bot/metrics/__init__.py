"""Measures the work of a process, and serves the metrics to Prometheus on a separate port."""
