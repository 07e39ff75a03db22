"""Whom we talk to: one module per vendor API, in the vendor's own words."""
