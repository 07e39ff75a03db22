"""Which browser a session is used with, in words, from what the browser says of itself."""

_BROWSERS = (  # the first that is found counts: most name their forebears too
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("HeadlessChrome/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)
_LONGEST = 40


def spoken(agent: str) -> str:
    """Name the browser and its system; what is unknown is given as it was told, cut."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), None)
    system = next((name for mark, name in _SYSTEMS if mark in agent), None)
    if browser is None:
        return agent[:_LONGEST] or "Browser not told"
    return f"{browser} on {system}" if system else browser
