"""Signs staff in, manages their accounts, checks permissions and writes the audit log."""
