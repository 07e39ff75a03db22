"""Pages of the menu section overview."""
