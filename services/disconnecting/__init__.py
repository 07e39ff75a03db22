"""Disconnecting: the plan, the one request with its receipt, the proof by every source, and who came back."""
