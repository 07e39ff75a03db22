"""Brings accounts that a vendor answered outside any list into the cache, by the way of a list's records."""

from collections.abc import Iterator
from typing import Any

from data.models import Source
from data.refresh import Record
from data.staging import Observation
from services.clients import Client
from services.desk import Desk
from services.readers import Batch
from services.reports import Report, Wish
from services.run import Run
from services.sync import under_lease


class _InHand(Run):
    """A run that reads no list: it takes records that the vendor has just answered."""

    def __init__(self, *about: Any, records: list[Record]) -> None:
        super().__init__(*about)
        self._records = records

    def _batches(self, client: Client) -> Iterator[Batch]:
        del client
        yield Batch("account", self._records, len(self._records), failed=True)  # no list was read to its end


def take(desk: Desk, source: Source, records: list[Record]) -> Report:
    """Take records that a source answered outside its list, where it has none. Raises DatabaseProblem."""
    wish = Wish("connect")

    def make(observation: Observation) -> Run:
        return _InHand(desk, source, wish, observation, [], records=records)

    return under_lease(desk, source, wish, make)
