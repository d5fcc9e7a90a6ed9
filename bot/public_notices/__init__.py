"""Shows public notices, the agency's announcements to everybody, in every process and on every channel."""
