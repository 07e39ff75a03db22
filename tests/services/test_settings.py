"""Settings: where they come from, which are refused and in which words, and that no secret is shown."""

from pathlib import Path

import pytest

from data.types import Contract, Vendor
from services import settings
from services.settings import WrongSettings, checked_url, is_loopback, load, unknown_names

CANARY = "fake-canary-7f3a"
ZOCIAL = {"PATCHBAY_ZOCIAL__BASE_URL": "https://zocial.example/", "PATCHBAY_ZOCIAL__TOKEN": CANARY}


def given(environment: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    for name, value in values.items():
        environment.setenv(name, value)


def refused() -> str:
    with pytest.raises(WrongSettings) as caught:
        load()
    assert CANARY not in f"{caught.value!r} {caught.value.message} {caught.value.advice}"
    assert caught.value.__cause__ is None or CANARY not in repr(caught.value.__cause__)
    return caught.value.message


def test_without_a_vendor_the_sandbox_is_on(settings_of_test: pytest.MonkeyPatch) -> None:
    settings_of_test.delenv("PATCHBAY_DATABASE_URL")
    settings_of_test.delenv("PATCHBAY_SYNC_MINUTES")
    found = load()
    assert found.demo
    assert found.sync_minutes == 15
    assert found.public_url == "http://localhost:8501"
    assert found.database == f"sqlite:///{settings.ROOT}/data/sandbox.db"


def test_with_a_vendor_the_data_are_real(settings_of_test: pytest.MonkeyPatch) -> None:
    settings_of_test.delenv("PATCHBAY_DATABASE_URL")
    given(settings_of_test, ZOCIAL)
    found = load()
    assert not found.demo
    assert found.configured == [Vendor.ZOCIAL]
    assert found.database.endswith("/data/patchbay.db")
    assert found.zocial.base_url == "https://zocial.example"
    assert found.zocial.secrets() == {"token": CANARY}
    assert CANARY not in repr(found) + str(found)
    assert found.late.contract is Contract.DOCUMENTED


def test_the_environment_wins_over_the_secrets_file(settings_of_test: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".streamlit").mkdir()
    told = "PATCHBAY_SYNC_MINUTES = 7\n"
    told += '[PATCHBAY_ZOCIAL]\nBASE_URL = "https://file.example"\nTOKEN = "fake"\n[other]\nx = 1\n'
    (tmp_path / ".streamlit/secrets.toml").write_text(told)
    settings_of_test.setattr(settings, "ROOT", tmp_path)
    settings_of_test.delenv("PATCHBAY_SYNC_MINUTES")
    found = load()
    assert (found.sync_minutes, found.zocial.base_url) == (7, "https://file.example")
    settings_of_test.setenv("PATCHBAY_SYNC_MINUTES", "9")
    settings_of_test.setenv("PATCHBAY_ZOCIAL__BASE_URL", "https://environment.example")
    found = load()
    assert (found.sync_minutes, found.zocial.base_url) == (9, "https://environment.example")
    assert found.zocial.secrets() == {"token": "fake"}


@pytest.mark.parametrize("content", ["PATCHBAY_SYNC_MINUTES = ", "[[", "\x00"])
def test_a_secrets_file_that_is_no_toml_is_named(
    settings_of_test: pytest.MonkeyPatch, tmp_path: Path, content: str
) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit/secrets.toml").write_text(content)
    settings_of_test.setattr(settings, "ROOT", tmp_path)
    assert "can't be read as TOML" in refused()


def test_every_problem_is_named_at_once(settings_of_test: pytest.MonkeyPatch) -> None:
    given(settings_of_test, {"PATCHBAY_SYNC_MINUTES": "x", "PATCHBAY_SECRET_KEY": CANARY, "PATCHBAY_PUBLIC_URL": "x"})
    told = refused()
    for name in ("PATCHBAY_SYNC_MINUTES", "PATCHBAY_SECRET_KEY", "PATCHBAY_PUBLIC_URL"):
        assert name in told


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"PATCHBAY_SANDBOX": "true", **ZOCIAL}, "never mix"),
        ({"PATCHBAY_ZOCIAL__TOKEN": CANARY}, "PATCHBAY_ZOCIAL__BASE_URL is missing"),
        ({"PATCHBAY_LATE__BASE_URL": "https://late.example"}, "PATCHBAY_LATE__API_KEY is missing"),
        ({"PATCHBAY_LATE__BASE_URL": "https://late.example"}, "PATCHBAY_LATE__PROFILE_ID is missing"),
        ({"PATCHBAY_HIGHLEVEL__BASE_URL": "https://a.example"}, "PATCHBAY_HIGHLEVEL__LOCATION_ID is missing"),
        ({"PATCHBAY_GIPPER__BASE_URL": "https://a.example"}, "PATCHBAY_GIPPER__TOKEN is missing"),
        ({"PATCHBAY_IMICONNECT__BASE_URL": "https://a.example"}, "PATCHBAY_IMICONNECT__APP_ID is missing"),
        ({"PATCHBAY_IMICONNECT__JWT_SECRET": CANARY + "!"}, "base64"),
        ({"PATCHBAY_IMICONNECT__PATH": "v1"}, "starts with /"),
        ({"PATCHBAY_IMICONNECT__SENDING": CANARY}, "PATCHBAY_IMICONNECT__SENDING"),
    ],
)
def test_contradictions_and_gaps_are_named(
    settings_of_test: pytest.MonkeyPatch, values: dict[str, str], says: str
) -> None:
    given(settings_of_test, values)
    assert says in refused()


def test_an_empty_variable_is_an_unset_one(settings_of_test: pytest.MonkeyPatch) -> None:
    given(settings_of_test, {"PATCHBAY_ZOCIAL__BASE_URL": "", "PATCHBAY_SYNC_MINUTES": "", "PATCHBAY_SANDBOX": ""})
    assert load().demo


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://api.example.com", True),
        ("https://api.example.com:8443/prefix/", True),
        ("http://localhost:1", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:80/x", True),
        ("http://api.example.com", False),
        ("http://10.0.0.1", False),
        ("http://localhost.example.com", False),
        ("https://", False),
        ("ftp://a.example", False),
        ("https://u:p@a.example", False),
        ("https://a.example?x=1", False),
        ("https://a.example#x", False),
        ("https://a.example:99999", False),
        ("", False),
    ],
)
def test_a_base_url_is_https_or_this_machine(url: str, good: bool) -> None:  # noqa: FBT001 (a parametrised value)
    if good:
        assert checked_url(url) == url.rstrip("/")
    else:
        with pytest.raises(ValueError, match=r"must|port"):
            checked_url(url)


def test_only_names_of_this_machine_are_loopback() -> None:
    assert all(is_loopback(host) for host in ("localhost", "a.localhost", "127.9.9.9", "::1"))
    assert not any(is_loopback(host) for host in (None, "", "0.0.0.0", "localhost.evil.example", "128.0.0.1"))


def test_names_that_mean_nothing_are_found(settings_of_test: pytest.MonkeyPatch) -> None:
    settings_of_test.setenv("PATCHBAY_SYNC_MINUTS", CANARY)
    assert unknown_names() == ["PATCHBAY_SYNC_MINUTS"]
