"""Messages: composing them, and what became of those that were sent."""
