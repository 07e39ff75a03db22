"""How long a request that got no clear answer may still take effect: one rule for approvals and for disconnects."""

from datetime import datetime, timedelta

PATIENCE = timedelta(seconds=120)
"""Before it is over only an effect that shows counts: that none shows says nothing yet."""


def too_early(left_at: datetime, read_at: datetime) -> bool:
    """Tell whether a list that was read then can't say yet that a request which left had no effect."""
    return read_at < left_at + PATIENCE
