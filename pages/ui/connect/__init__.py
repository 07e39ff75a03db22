"""Pieces of the Connect page: what can be connected, the window at the vendor, the forms, and the attempts."""
