"""What the vendor's codes say in words, and what a person can do about each."""

import pytest

from services.messaging import codes
from services.vendors.imiconnect import CODES

DOCUMENTED = [
    *("1001", "7000", "7001", "7002", "7003", "7004", "7005", "7006", "7007", "7009", "7010", "7011", "7020", "7104"),
    *("7200", "7301", "7302", "7303", "7304", "7305", "7306", "7307", "7313", "7500", "7501", "7502", "7526"),
]


@pytest.mark.parametrize("code", DOCUMENTED)
def test_every_code_of_the_documents_is_said_in_a_sentence(code: str) -> None:
    told = codes.told(code, "the vendor's own words")
    assert told.known
    assert told.words.endswith(".")
    assert "own words" not in told.words
    if code in CODES:
        assert told.advice.endswith(".")
        assert told.advice[0].isupper()


@pytest.mark.parametrize(
    ("code", "words", "advice"),
    [
        ("7313", "not written within 24 hours", "Wait for their next message."),
        ("7526", "24-hour window is closed", "next message"),
        ("7302", "rate limit is exceeded", "Wait before sending again."),
        ("7020", "transaction limit is reached", "raised at the vendor"),
        ("7306", "has the message already", "callbacks of the earlier attempt"),
        ("7301", "expired", "new attempt if the message is still wanted"),
        ("7303", "notification expired", "told by nobody"),
        ("7304", "OAuth credentials are not valid", "Connect the app anew"),
    ],
)
def test_what_a_code_says_and_what_to_do(code: str, words: str, advice: str) -> None:
    told = codes.told(code)
    assert words in told.words
    assert advice in told.advice


@pytest.mark.parametrize("code", ["9999", "", "75OO", None])
def test_a_code_that_no_document_names_is_told_with_the_vendors_own_words(code: str | None) -> None:
    told = codes.told(code, "Something <b>new</b>")
    assert not told.known
    assert told.words.endswith("In its own words: Something <b>new</b>")
    assert (code or "no code") in told.words


def test_refused_credentials_are_told_from_other_refusals() -> None:
    found = {code for code in [*DOCUMENTED, None, "9999"] if codes.is_about_credentials(code)}
    assert found == {"7001", "7002", "7104", "7304", "7305"}


def test_what_to_do_is_said_once() -> None:
    sentence = "imiconnect could not send the message: The person has not written within 24 hours: wait for their next "
    assert codes.without_advice(f"{sentence}message. (code 7313: No inbound message)", "7313") == (
        "imiconnect could not send the message: The person has not written within 24 hours (code 7313: No inbound "
        "message)"
    )
    assert codes.without_advice("It said no.", "9999") == "It said no."
    assert codes.without_advice("It said no.", None) == "It said no."
