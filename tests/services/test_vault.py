"""The vault: a secret opens only for its own row, with its own key, and unaltered."""

import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.failures import Failure
from services.vault import Vault, WrongKey, new_token, read_key, write_key

KEY = b"an-obviously-fake-key-of-enough-letters"
SECRETS = {"token": "fake-canary-7f3a", "ünïcode": "ключ"}


def test_what_was_sealed_opens_for_its_row_and_is_not_readable() -> None:
    vault = Vault(KEY)
    sealed = vault.seal(SECRETS, row="source 1")
    assert vault.open(sealed, row="source 1") == SECRETS
    assert b"canary" not in sealed
    assert sealed != vault.seal(SECRETS, row="source 1")
    assert sealed.startswith(vault.key_id)


def test_another_row_or_another_key_is_refused() -> None:
    sealed = Vault(KEY).seal(SECRETS, row="source 1")
    with pytest.raises(WrongKey, match="source 2"):
        Vault(KEY).open(sealed, row="source 2")
    with pytest.raises(WrongKey):
        Vault(KEY + b"!").open(sealed, row="source 1")


@given(position=st.integers(min_value=32), bit=st.integers(0, 7))
def test_one_altered_bit_is_refused(position: int, bit: int) -> None:
    vault = Vault(KEY)
    sealed = bytearray(vault.seal(SECRETS, row="source 1"))
    sealed[4 + position % (len(sealed) - 4)] ^= 1 << bit
    with pytest.raises(WrongKey):
        vault.open(bytes(sealed), row="source 1")


@pytest.mark.parametrize("length", [0, 3, 4, 15, 16, 20])
def test_a_cut_off_secret_is_refused(length: int) -> None:
    vault = Vault(KEY)
    with pytest.raises(WrongKey):
        vault.open(vault.seal(SECRETS, row="source 1")[:length], row="source 1")


def test_the_key_is_in_no_repr_and_tokens_differ() -> None:
    assert KEY.decode() not in repr(Vault(KEY))
    assert new_token() != new_token()
    assert Vault(KEY).token_hash("a") != Vault(KEY + b"!").token_hash("a")
    assert Vault(KEY).token_hash("\udcff") == Vault(KEY).token_hash("\udcff")


def test_writers_at_once_end_up_with_one_key_that_others_can_not_read(tmp_path: Path) -> None:
    path, found = tmp_path / "secret.key", list[bytes]()
    threads = [threading.Thread(target=lambda: found.append(write_key(path))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert read_key(path) == found[0]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_key_file_is_none_and_a_short_one_is_refused(tmp_path: Path) -> None:
    assert read_key(tmp_path / "none") is None
    (tmp_path / "short").write_text("short\n")
    with pytest.raises(Failure, match="no usable key"):
        read_key(tmp_path / "short")
