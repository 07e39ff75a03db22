"""Pages of the menu section settings."""
