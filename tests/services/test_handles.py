"""The forms in which handles and platform ids of different sources are compared."""

import pytest

from services.handles import FEWEST_OF_EITHER, handle_key, platform_id, shown


@pytest.mark.parametrize(
    ("handle", "url", "key"),
    [
        ("Cafe.Zuerich", None, "cafe.zuerich"),
        ("caf\u0435", None, "caf\u0435"),
        ("\u212aelvin", None, "\u212aelvin"),
        ("Stra\u00dfe", None, "Stra\u00dfe"),
        (None, "https://www.instagram.com/Cafe.Zuerich/", "cafe.zuerich"),
        ("17841400000000001", "https://www.facebook.com/Hoku", "hoku"),
        ("17841400000000001", None, "17841400000000001"),
        ("@Nike", None, "nike"),
        ("Nike ", None, "nike"),
        ("https://www.instagram.com/puma/", None, "puma"),
        ("https://www.instagram.com/", None, None),
        (None, "no address", None),
        (None, None, None),
    ],
)
def test_handles_are_compared_without_case_and_never_across_alphabets(
    handle: str | None, url: str | None, key: str | None
) -> None:
    assert handle_key(handle, url) == key


@pytest.mark.parametrize(
    ("external", "found"),
    [("17841400000000001", "17841400000000001"), ("1234", None), ("cafe", None), ("\u0661" * 6, None), (None, None)],
)
def test_only_a_long_number_is_a_platform_id(external: str | None, found: str | None) -> None:
    assert platform_id(external) == found


def test_a_number_that_may_be_a_handle_needs_more_digits() -> None:
    assert platform_id("20202020", fewest=FEWEST_OF_EITHER) is None
    assert platform_id("17841400000000001", fewest=FEWEST_OF_EITHER) == "17841400000000001"


@pytest.mark.parametrize(
    ("handle", "written"),
    [("cafe", "@cafe"), ("@cafe", "@cafe"), ("Café Zürich", "Café Zürich"), (None, None), ("", "")],
)
def test_a_handle_is_written_with_its_sign_once(handle: str | None, written: str | None) -> None:
    assert shown(handle) == written
