"""Handles that look alike and are not the same: letters of another alphabet, and digits that pass for letters."""

# ruff: noqa: RUF001 (letters that look like others are what this is about)

import unicodedata

_LOOKS = str.maketrans(
    {
        **dict(zip("авгеіїјкмнорсѕтухһԁԛԝьѵ", "abreiijkmhopcstyxhdqwbv", strict=True)),
        **dict(zip("АВЕЅІЈКМНОРСТУХҮԚԜ", "abesijkmhopctyxyqw", strict=True)),
        **dict(zip("αβγεηικνορτυχωϲϳ", "abyenikvoptuxwcj", strict=True)),
        **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhikmnoptyx", strict=True)),
        **dict(zip("օոսցհզօ", "onughqo", strict=True)),
        **dict(zip("ıɑɡɩ0", "iagio", strict=True)),
        **dict.fromkeys("I1|ǀӏӀ", "l"),
        "ß": "b",
    }
)
"""What is drawn like a Latin letter: Cyrillic small and large, Greek small and large, Armenian, and others."""


def skeleton(handle: str) -> str:
    """Give what a handle looks like: without accents, in letters of one alphabet."""
    parted = unicodedata.normalize("NFKD", handle.strip().removeprefix("@"))
    bare = "".join(sign for sign in parted if not unicodedata.combining(sign) and unicodedata.category(sign) != "Cf")
    return bare.translate(_LOOKS).casefold().replace("rn", "m")


def look_alike(one: str, other: str) -> bool:
    """Tell whether two handles look the same and are not."""
    return one.lower() != other.lower() and skeleton(one) == skeleton(other)
