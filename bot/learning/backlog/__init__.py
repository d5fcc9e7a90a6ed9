"""The editors' backlog: gathers what citizens asked and nobody had written, and groups it by meaning."""
