"""The clock of the sandbox: real time, or the instant that a test or a replay sets."""

import threading
from datetime import UTC, datetime


class Clock:
    """Tells the time to every pretended vendor; thread-safe."""

    def __init__(self, at: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._at: datetime | None = None
        if at is not None:
            self.set(at)

    @property
    def is_set(self) -> bool:
        """Whether somebody holds the clock at an instant."""
        with self._lock:
            return self._at is not None

    def set(self, at: datetime) -> None:
        """Hold the clock at one instant (with a zone) until it is set again or released."""
        if at.tzinfo is None:
            raise ValueError("The sandbox clock needs an instant with a zone, for example datetime(..., tzinfo=UTC).")
        with self._lock:
            self._at = at.astimezone(UTC)

    def release(self) -> None:
        """Go back to real time."""
        with self._lock:
            self._at = None

    def now(self) -> datetime:
        """The instant that the pretended vendors live in, in UTC."""
        with self._lock:
            return self._at or datetime.now(UTC)


def stamp(at: datetime) -> str:
    """Write an instant as the documents do: `2024-01-01T00:00:00Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp_millis(at: datetime) -> str:
    """Write an instant with milliseconds, as HighLevel, Late and Gipper do."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
