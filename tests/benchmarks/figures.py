"""What a benchmark gives: one figure of ours beside its floor and its bound."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A measure: ours beside a floor of the same run, and how much of the floor it may be (None: only told).

    `ours` is None where it could not be measured; the note says why.
    """

    measure: str
    unit: str
    ours: float | None
    floor: float | None = None
    bound: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Give how many times the floor it is."""
        return None if not self.floor or self.ours is None else self.ours / self.floor

    @property
    def held(self) -> bool | None:
        """Tell whether the bound is kept: of the ratio, or of the value itself where there is no floor."""
        found = self.ours if self.ratio is None else self.ratio
        return None if self.bound is None or found is None else found <= self.bound

    def told(self) -> dict[str, Any]:
        """Give it as JSON can hold it."""
        return asdict(self) | {"ratio": self.ratio, "held": self.held}


def middle(values: Sequence[float]) -> float:
    """Give the median."""
    return float(median(values))


def p95(values: Sequence[float]) -> float:
    """Give what 95 of 100 stay below, as one of the values themselves."""
    return float(sorted(values)[-(-len(values) * 95 // 100) - 1])
