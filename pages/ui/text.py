"""Makes text that a vendor or a user typed safe in Markdown: shown as it is, never a link, an image or an icon."""

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+")
_PUNCTUATION = re.compile(r"([!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~])")
_JOINER = "\u2060"  # invisible and without width: parts what Markdown would find again after the backslashes are gone
_LINK = re.compile(r"(//|www(?=\.)|@)", re.IGNORECASE)
_SHORTCODE = re.compile(r":(?=[\w+\-])")
_ARROW = re.compile(r"(?<=[<\-=>~])(?=[<\-=>~])")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def plain(text: str | None) -> str:
    """Escape text for a Markdown label: every mark stands for itself, line breaks become spaces, None is empty.

    Streamlit looks for web addresses, :shortcodes: and arrows in the finished text too, where a backslash is
    forgotten: an invisible word joiner keeps those apart.
    """
    if not text:
        return ""
    clean = " ".join(_CONTROL.sub(" ", _SURROGATE.sub("\ufffd", text)).split())
    parted = _ARROW.sub(_JOINER, _SHORTCODE.sub(f":{_JOINER}", _LINK.sub(rf"\1{_JOINER}", clean)))
    return _PUNCTUATION.sub(r"\\\1", parted)


def short(text: str, length: int) -> str:
    """Cut a text that is longer than this, and say so with its last sign; a line break counts as a space."""
    one = " ".join(text[: length * 4].split())
    return one if len(one) <= length else one[: length - 1].rstrip() + "…"
