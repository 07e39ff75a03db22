"""Approvals: cases, who may do what to them, what is sent to Zocial, and what its lists say afterwards."""
