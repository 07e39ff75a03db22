"""The documents' examples are asked of a served sandbox."""

from tests.pretending import http, origin, sandbox, served

__all__ = ["http", "origin", "sandbox", "served"]
