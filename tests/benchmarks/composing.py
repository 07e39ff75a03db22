"""The composer: from a key until the phone shows it, and from a press until another card is there."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services import front, sessions
from services.access import Actor
from services.messaging import drafts
from services.people import DEMO_PEOPLE
from tests.benchmarks import serving
from tests.benchmarks.figures import Figure, middle, p95
from tests.benchmarks.opening import BUTTON, TEXT
from tests.benchmarks.painting import Window, chromium
from tests.benchmarks.population import opened
from tests.benchmarks.serving import Server

SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
MOST_MS, MOST_TIMES = 50.0, 6.0
CARDS = 10
SENTENCE = "Grüezi {{first_name}}, the kitchen is open until ten. "
BODY: dict[str, Any] = {
    "contentType": "TEMPLATE",
    "content": SENTENCE,
    "template": [
        {
            "title": f"Card {number}",
            "subtitle": "Gruyère and Vacherin, bread from next door",
            "imageUrl": f"https://images.example/{number}.png",
            "buttons": [{"type": "web_url", "title": "Book", "url": "https://cafe.example/book"}] * 3,
        }
        for number in range(1, CARDS + 1)
    ],
    "quickReplies": [{"type": "TEXT", "title": f"Reply {number}", "payload": "p"} for number in range(1, 11)],
}
"""As large as a message can be."""
MARKETER = next(person for person in DEMO_PEOPLE if person.role.value == "marketer")


def figures(rounds: int) -> Iterator[Figure]:
    """Measure typing in the largest message, and adding a card beside a button on an empty page of Patchbay."""
    with (
        tempfile.TemporaryDirectory(prefix="patchbay-composing-") as made,
        _prepared(Path(made)) as (server, cookie),
        chromium() as browser,
    ):
        yield from _typing(Window(browser, server.origin, _cards(CARDS), cookie), Path(made), rounds)
        empty = Window(browser, server.origin, BUTTON, cookie)
        yield _adding(Window(browser, server.origin, _cards(1), cookie), empty, Path(made), rounds)


@contextlib.contextmanager
def _prepared(folder: Path) -> Iterator[tuple[Server, str]]:
    """Serve a Patchbay of its own whose sandbox has senders and recipients; gives a marketer's cookie too."""
    with serving.served(folder, SANDBOX="true") as server, opened(folder, SANDBOX="true") as desk:
        ticket = sessions.sign_in(desk, MARKETER.username, "", address="bench", agent="bench", verify=lambda *_: True)
        yield server, f"{front.COOKIE}={sessions.redeem(desk, ticket)}"


def _open(window: Window, folder: Path, cards: int) -> None:
    """Open a new draft with so many cards."""
    with opened(folder, SANDBOX="true") as desk:
        someone = Actor(MARKETER.username, MARKETER.role)
        made = drafts.create(
            desk, someone, BODY | {"template": BODY["template"][:cards]}, recipient="Test phone Zürich"
        )
    window.open(f"/compose?draft={made.id}")
    window.rest()


def _cards(number: int) -> str:
    """Give the condition that the phone shows so many cards."""
    return f"() => window.composing?.cards() === {number}"


def _typing(window: Window, folder: Path, rounds: int) -> Iterator[Figure]:
    """Type into the text and into a card's title."""
    window.context.add_init_script(SCRIPT)
    _open(window, folder, CARDS)
    window.page.evaluate("composing.measure()")
    for label in ("Text", "Title"):
        window.page.get_by_label(label, exact=True).click()
        window.page.evaluate("composing.keys.length = composing.runs = 0")
        for _ in range(rounds):
            window.page.keyboard.type(SENTENCE, delay=30)
        keys, runs = window.page.evaluate("[composing.keys, composing.runs]")
        window.rest()
        note = f"median {middle(keys):.1f} ms, {runs} runs of the page meanwhile"
        yield Figure(
            f"key to phone, {label.lower()}, {CARDS} cards, p95 of {len(keys)}", "ms", p95(keys), None, MOST_MS, note
        )


def _adding(window: Window, empty: Window, folder: Path, rounds: int) -> Figure:
    """Add card after card to a message, in turns with a button on an empty page."""
    window.context.add_init_script(SCRIPT)
    empty.open("/empty")
    empty.rest()
    ours, floor = [], []
    for _ in range(rounds):
        _open(window, folder, 1)
        for number in range(2, CARDS + 1):
            window.page.evaluate(f"composing.card({number})")
            window.page.get_by_role("button", name="Add a card").click()
            ours.append(float(window.page.evaluate("composing.done")))
            window.rest()
            floor.append(empty.text(empty.page.get_by_role("button", name="Again").click, TEXT))
            empty.rest()
    note = f"floor: a button of Patchbay; medians {middle(ours):.0f} and {middle(floor):.0f} ms"
    return Figure(f"add a card, p95 of {len(ours)}", "ms", p95(ours), p95(floor), MOST_TIMES, note)
