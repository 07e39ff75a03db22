"""Shared pieces of interface."""
