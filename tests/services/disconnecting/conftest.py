"""Vendors of one test alone, and a desk with patience: what approvals are tested with too."""

from tests.services.approvals.conftest import office, pretended_vendors

__all__ = ["office", "pretended_vendors"]
