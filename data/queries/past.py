"""The past: what was known of the connections at an instant."""

from datetime import datetime

from sqlalchemy import select

from data.queries._tables import runs
from data.store import Session


def first(session: Session) -> datetime | None:
    """Tell what instant the first sync observed: before it nothing was known; None when there was none."""
    found: datetime | None = (
        session.connection().execute(select(runs.c.observed_at).order_by(runs.c.id).limit(1)).scalar_one_or_none()
    )
    return found
