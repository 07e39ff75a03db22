"""Names that people give to what they keep, as they are shown."""

import unicodedata

from data.names import JOINERS
from services.failures import Misuse


def checked(name: str, *, whose: str, longest: int) -> str:
    """Give a name with its blanks put right. Raises Misuse for none, a long one, or one with control characters."""
    wanted = " ".join(unicodedata.normalize("NFC", name).split())
    seen = wanted.translate(JOINERS)
    if not seen or len(wanted) > longest or not seen.isprintable():
        advice = "Say it shorter." if len(wanted) > longest else "Type one that can be read."
        raise Misuse(f"{whose} name has 1 to {longest} letters, without control characters.", advice)
    return wanted
