"""The difference of two messages: by line, without what is another one each time, and without a secret."""

import json

from services.messaging import difference

LAST = {"content": "hello", "contentType": "TEXT", "correlationId": "a"}


def test_the_same_message_differs_in_nothing_though_its_callbacks_do() -> None:
    now = LAST | {"callbackUrl": "https://desk.example/hooks/imiconnect/token"}
    assert difference.lines(LAST, now) == []


def test_a_line_that_was_replaced_counts_once() -> None:
    changed = difference.lines(LAST, LAST | {"content": "Grüezi", "correlationId": "b"})
    assert '-  "content": "hello",' in changed
    assert '+  "content": "Grüezi",' in changed
    assert difference.count(changed) == 2


def test_before_the_first_send_there_is_nothing_to_differ_from() -> None:
    assert difference.lines(None, LAST) == []


def test_the_key_of_the_callbacks_is_not_shown() -> None:
    shown = difference.shown(LAST | {"callbackUrl": "https://desk.example/hooks/imiconnect/token"})
    assert shown["callbackUrl"] == "https://desk.example/hooks/imiconnect/…"
    assert shown["content"] == "hello"


def test_a_letter_that_turns_the_order_round_is_told_by_its_number() -> None:
    body = LAST | {"content": "نور \u202ecba\u202c 👩\u200d👩 \u2028"}
    told = difference.written(body)
    assert "نور \\u202ecba\\u202c 👩\u200d👩 \\u2028" in told
    assert json.loads(told) == body
