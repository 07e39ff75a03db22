"""Rate limits in real time: a sliding window per vendor."""

import time
from collections import deque


class Window:
    """At most `most` requests within `seconds`; counts in real time, whatever the sandbox clock says."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self.seconds = seconds
        self._times: deque[float] = deque()

    def take(self) -> bool:
        """Count one request; False when the window is full (it is not counted then)."""
        self._drop()
        if len(self._times) >= self.most:
            return False
        self._times.append(time.monotonic())
        return True

    @property
    def remaining(self) -> int:
        """How many more requests fit into the window now."""
        self._drop()
        return max(0, self.most - len(self._times))

    @property
    def resets_in(self) -> float:
        """Seconds until the oldest request leaves the window."""
        return max(0.0, self._times[0] + self.seconds - time.monotonic()) if self._times else 0.0

    def _drop(self) -> None:
        horizon = time.monotonic() - self.seconds
        while self._times and self._times[0] <= horizon:
            self._times.popleft()
