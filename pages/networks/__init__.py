"""Pages of the menu section networks."""
