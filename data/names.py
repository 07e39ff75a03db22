"""Names that people give to what they keep, as they are compared."""

import unicodedata

JOINERS = str.maketrans("", "", "\u200c\u200d")
"""What Persian and several emoji are joined with: it is unseen, and alone it is no name."""


def key(name: str) -> str:
    """Give a name as it is compared: neither capitals nor blanks nor what joins letters make another one."""
    seen = " ".join(unicodedata.normalize("NFC", name).split()).translate(JOINERS)
    return unicodedata.normalize("NFC", seen.casefold())
