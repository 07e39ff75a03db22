"""A typed-in account: every wrong field is named with its rule, and what is right gets its one form."""

import pytest

from services.approvals.typed import Account, checked, faults
from services.failures import Misuse

NOVA = Account("instagram", "nova.coffee", "https://instagram.com/nova.coffee", 5_000, "coffee")


def test_what_is_right_gets_its_one_form() -> None:
    typed = Account(" X ", "@Nova.Coffee ", " https://x.com/nova ", None, "  fine   coffee ")
    assert faults(typed) == {}
    assert checked(typed) == Account("twitter", "Nova.Coffee", "https://x.com/nova", None, "fine coffee")


def test_every_wrong_field_is_named_with_its_rule() -> None:
    wrong = faults(Account("", "two words", "javascript:alert(1)", -1, "x" * 201))
    assert set(wrong) == {"platform", "handle", "url", "followers", "category"}
    assert all(told.message.startswith(field) and told.advice for field, told in wrong.items())
    with pytest.raises(Misuse, match=r"^platform"):
        checked(Account("", "", ""))
    assert checked(NOVA) == NOVA
