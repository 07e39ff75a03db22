"""Pieces of the Sent page: the list of messages, the charts above it, one message in full, and a send to a list."""
