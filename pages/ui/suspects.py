"""A suspect figure in words: what it did, apart from a real change."""

from data.types import Suspect
from pages.ui import formats
from pages.ui.formats import Look

_LOOKS = {
    "doubled": Look("Doubled", "yellow", "control_point_duplicate"),
    "zero": Look("Zero", "yellow", "exposure_zero"),
    "negative": Look("Negative", "yellow", "do_not_disturb_on"),
    "frozen": Look("Frozen", "gray", "ac_unit"),
}
_WORDS = {
    Suspect.FOLLOWERS_DOUBLED: "Followers exactly doubled",
    Suspect.FOLLOWERS_ZERO: "Followers dropped to 0",
    Suspect.FOLLOWERS_NEGATIVE: "The vendor tells negative followers",
    Suspect.FOLLOWERS_FROZEN: "Followers have not moved",
    Suspect.ENGAGEMENT_DOUBLED: "Engagement exactly doubled",
    Suspect.ENGAGEMENT_ZERO: "Engagement dropped to 0",
    Suspect.ENGAGEMENT_NEGATIVE: "The vendor tells negative engagement",
}


def look(suspect: str) -> Look:
    """Give the look of what makes a figure suspect."""
    return _LOOKS.get(kind(suspect), formats.HEALTHS["unknown"])


def kind(suspect: str) -> str:
    """Tell what a figure did, whichever figure it is: doubled, zero, negative or frozen."""
    return suspect.rpartition("_")[2]


def words(suspect: str) -> str:
    """Say what a figure did in a short sentence."""
    return _WORDS[Suspect(suspect)] if suspect in set(Suspect) else suspect.replace("_", " ").capitalize()


def doubt(suspect: str) -> str:
    """Say what may be behind it, to stand after the words."""
    return "perhaps the same figure is told again and again" if kind(suspect) == "frozen" else "perhaps no real change"


def looks() -> list[Look]:
    """Give every look that a suspect figure can have."""
    return list(_LOOKS.values())
