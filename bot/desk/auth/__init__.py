"""Signs staff in, checks their permissions and writes the audit log."""
