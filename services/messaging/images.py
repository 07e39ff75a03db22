"""Images of the phone preview: fetched by us from addresses that we signed, for people who are signed in."""

from urllib.parse import urlencode

from services.desk import Desk
from services.vendors.imiconnect import is_shown

PATH = "/preview/image"
_PURPOSE = "preview images"


def address(desk: Desk, url: str) -> str | None:
    """Give the address of ours that shows an image; None for one that may not be shown."""
    if not is_shown(url):
        return None
    return f"{PATH}?{urlencode({'url': url, 'signature': desk.vault.signature(url, purpose=_PURPOSE)})}"
