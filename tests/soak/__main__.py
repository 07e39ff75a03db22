"""`python -m tests.soak`: kills a process at a random step of a send, again and again, and counts what arrived.

Each round sends one message, or a list, or one press from two processes at once. Afterwards another process takes up
what was left, and the press is repeated. Then there must be one record of each message, and at the vendor one request
at most. Exits with 1 and the round that broke that.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from data.types import Role
from services import audit, pretended
from services.access import SYSTEM, Actor
from services.desk import Desk, open_desk
from services.failures import Failure
from services.messaging import recipients, resuming, sending, wire
from services.messaging.wire import Order
from tests.services.messaging.crashing import Senders, Vendor, counting

BODY = {"contentType": "TEXT", "content": "Hello {{first_name}}"}
PEOPLE = [f"Person {number}" for number in range(10)]
STEPS = ("commit 1", "begin 2", "commit 2", "connect 1", "begin 3", "commit 3", "end")
LIST_STEPS = tuple(f"{name} {number}" for name in ("begin", "commit", "connect") for number in range(1, 25, 3))
LONGEST = 0.12
"""Seconds after which a process is killed at the latest, where that is by time."""
MIA = Actor("mia", Role.MARKETER)


def main() -> int:
    """Soak for so many rounds, and tell how the messages ended."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    asked = parser.parse_args()
    print(f"{asked.rounds} rounds with --seed {asked.seed}")
    with tempfile.TemporaryDirectory() as folder, counting() as vendor:
        _settle_in(Path(folder))
        pretended.answer_at(vendor.origin)
        desk, senders = open_desk(), Senders(vendor.origin, BODY)
        for name in PEOPLE:
            recipients.add(desk, SYSTEM, name, f"1784{PEOPLE.index(name):05}", variables={"first_name": name})
        broken = _rounds(desk, senders, vendor, random.Random(asked.seed), asked.rounds)
        sys.stderr.write(senders.close())
        ended = Counter(state for (state,) in _ask(desk, "SELECT state FROM messages"))
        chain = audit.verify(desk)
        desk.store.close()
    for sentence in broken:
        print(sentence)
    told = ", ".join(f"{count} {state}" for state, count in sorted(ended.items()))
    print(f"{sum(ended.values())} messages: {told}; {len(vendor.bodies)} requests; audit chain: {chain or 'whole'}")
    return 1 if broken or chain else 0


def _settle_in(folder: Path) -> None:
    for name in [name for name in os.environ if name.startswith("PATCHBAY_")]:
        del os.environ[name]
    os.environ["PATCHBAY_DATABASE_URL"] = f"sqlite:///{folder / 'patchbay.db'}"
    os.environ["PATCHBAY_SYNC_MINUTES"] = "0"


def _rounds(desk: Desk, senders: Senders, vendor: Vendor, dice: random.Random, rounds: int) -> list[str]:
    broken, begun = list[str](), time.monotonic()
    for number in range(rounds):
        vendor.seconds = dice.choice((0.0, 0.0, 0.02))
        press, kind = f"press-{number}", dice.choices(("one", "two", "list"), (6, 2, 2))[0]
        dies_at = _somewhere(dice, kind)
        if kind == "list":
            senders.send((press, PEOPLE, dies_at))
        else:
            senders.send(*[(press, PEOPLE[0], dies_at), (press, PEOPLE[0], "never")][: 1 + (kind == "two")])
        resuming.resume(desk)
        if kind != "list":
            _press_again(desk, press)
        broken += [f"round {number} ({kind}, {dies_at}): {wrong}" for wrong in _wrong(desk, vendor, press, kind)]
        if number % 50 == 49:
            print(f"{number + 1} rounds in {time.monotonic() - begun:.0f} s")
    return broken


def _somewhere(dice: random.Random, kind: str) -> str:
    if dice.random() < 0.3:
        return f"after {dice.uniform(0, LONGEST):.4f}"
    return dice.choice(LIST_STEPS if kind == "list" else STEPS)


def _press_again(desk: Desk, press: str) -> None:
    order = Order(BODY, "imiconnect", PEOPLE[0], press)
    try:
        sending.send(desk, MIA, order, wire.prepare(desk, order).digest)
    except Failure as failure:
        raise SystemExit(f"{press} could not be repeated: {failure.message}") from failure


def _wrong(desk: Desk, vendor: Vendor, press: str, kind: str) -> list[str]:
    """Say what is not as it must be after a round."""
    found = dict(_ask(desk, f"SELECT press, state FROM messages WHERE press = '{press}' OR press LIKE '{press}:%'"))
    arrived = {name: count for name, count in vendor.counts.items() if name == press or name.startswith(f"{press}:")}
    wrong = [f"{name} arrived {count} times" for name, count in arrived.items() if count > 1]
    wrong += [f"{name} arrived and has no record" for name in arrived if name not in found]
    wrong += [f"{name} is {state}" for name, state in found.items() if state not in {"accepted", "unknown"}]
    wrong += [
        f"{name} is accepted and never arrived" for name, s in found.items() if s == "accepted" and name not in arrived
    ]
    if len(found) not in ({0, len(PEOPLE)} if kind == "list" else {1}):
        wrong.append(f"there are {len(found)} records")
    return wrong


def _ask(desk: Desk, query: str) -> list[tuple[str, ...]]:
    with desk.store.reading() as session:
        return [tuple(row) for row in session.connection().exec_driver_sql(query)]


if __name__ == "__main__":
    sys.exit(main())
