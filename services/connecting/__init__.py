"""Connecting accounts: the attempts with their states, the vendors' flows, and the routes that a window comes to."""
