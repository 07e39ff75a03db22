"""What you see: one folder per menu section, one script per page."""
