"""Pages of the menu section account."""
