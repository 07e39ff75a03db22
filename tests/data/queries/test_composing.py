"""What the composer asks of messages: what the press of a draft did, and what it sent last."""

from data.queries import composing
from data.queries.composing import Pressed
from data.store import Store
from tests import messages_seed


def test_a_press_is_unused_or_tells_the_message_or_the_list_that_it_sent(store: Store) -> None:
    whose = messages_seed.source(store), messages_seed.recipient(store)
    one = messages_seed.message(store, whose, 1, press="a")
    several = messages_seed.sending(store, whose[0], 3, press="b")
    with store.reading() as session:
        assert composing.pressed(session, "a") == Pressed(message=one)
        assert composing.pressed(session, "b") == Pressed(sending=several)
        assert not composing.pressed(session, "c")


def test_the_last_one_sent_is_that_of_the_draft(store: Store) -> None:
    whose = messages_seed.source(store), messages_seed.recipient(store)
    for number, draft in enumerate(("aaaa0000", "aaaa0000", "bbbb0000")):
        messages_seed.message(store, whose, number, draft_id=draft)
    with store.reading() as session:
        last = composing.last(session, "aaaa0000")
        assert composing.last(session, "cccc0000") is None
    assert last is not None
    assert last["content"] == "Hello 1"
