"""Pages of the menu section operations."""
