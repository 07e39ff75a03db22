"""Pages of the menu section approvals."""
