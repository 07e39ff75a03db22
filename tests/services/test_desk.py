"""Opening the desk: everything together or a sentence that says why not, with nothing half-started."""

from pathlib import Path

import pytest

from data.errors import DatabaseProblem
from services.desk import Desk, current, open_desk
from services.failures import Failure
from services.opening import opened


def test_a_new_desk_has_a_database_a_key_and_a_mark_beside_it(
    settings_of_test: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings_of_test.delenv("PATCHBAY_SECRET_KEY")
    desk = open_desk()
    sealed = desk.vault.seal({"a": "b"}, row="x")
    desk.store.close()
    names = {path.name for path in tmp_path.iterdir()}
    assert {"patchbay.db", "patchbay.db-id", "secret.key"} <= names
    again = open_desk()
    assert again.vault.open(sealed, row="x") == {"a": "b"}
    again.store.close()


def test_a_process_has_one_desk(desk: Desk) -> None:
    assert current() is desk


def test_a_folder_that_is_not_there_is_named_and_not_made(settings_of_test: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings_of_test.setenv("PATCHBAY_DATABASE_URL", f"sqlite:///{tmp_path / 'none' / 'patchbay.db'}")
    with pytest.raises(DatabaseProblem, match="does not exist"):
        open_desk()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_place_of_the_file_is_named(settings_of_test: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings_of_test.setenv("PATCHBAY_DATABASE_URL", f"sqlite:///{tmp_path}")
    with pytest.raises(DatabaseProblem, match="names the folder"):
        opened()
    assert list(tmp_path.iterdir()) == []


def test_a_lost_real_database_is_not_replaced_but_a_lost_demo_is(
    settings_of_test: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for sandbox in ("true", "false"):
        folder = tmp_path / sandbox
        folder.mkdir()
        settings_of_test.setenv("PATCHBAY_SANDBOX", sandbox)
        settings_of_test.setenv("PATCHBAY_DATABASE_URL", f"sqlite:///{folder / 'patchbay.db'}")
        open_desk().store.close()
        for path in folder.glob("patchbay.db*"):
            if path.name != "patchbay.db-id":
                path.unlink()
    with pytest.raises(DatabaseProblem) as caught:
        open_desk()
    assert caught.value.kind == "gone"
    assert "patchbay.db-id" in caught.value.advice
    settings_of_test.setenv("PATCHBAY_SANDBOX", "true")
    settings_of_test.setenv("PATCHBAY_DATABASE_URL", f"sqlite:///{tmp_path / 'true' / 'patchbay.db'}")
    open_desk().store.close()


def test_another_key_is_refused_and_nothing_changed(settings_of_test: pytest.MonkeyPatch) -> None:
    open_desk().store.close()
    settings_of_test.setenv("PATCHBAY_SECRET_KEY", "another-obviously-fake-key-for-the-tests")
    with pytest.raises(Failure, match="not the key"):
        open_desk()
