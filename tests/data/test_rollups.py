"""The kept totals of all sources together: each real account counts once."""

from datetime import date, timedelta

from data import rollups
from data.queries import history
from data.store import Store, now
from tests import seeds

TODAY = now().date()


def followers(store: Store, day: date = TODAY) -> int | None:
    with store.reading() as session:
        (found,) = history.days(session, since=day, until=day)
        by_platform = history.followers_by_platform(session, since=day, until=day)
    assert [number for *_, number in by_platform] == ([] if found.followers is None else [found.followers])
    return found.followers


def count(store: Store, source: int, day: date = TODAY) -> None:
    with store.bulk() as link:
        rollups.refresh(link, source, day)


def test_an_account_counts_once_by_the_first_connection_that_tells_its_followers(store: Store) -> None:
    late, zocial, gipper = (seeds.source(store, name) for name in ("late", "zocial", "gipper"))
    seeds.connection(store, zocial, 1, account=1, followers=None)
    seeds.connection(store, late, 2, account=1, followers=900)
    seeds.connection(store, gipper, 3, account=1, followers=910)
    seeds.connection(store, gipper, 4, followers=50)
    seeds.connection(store, late, 5, account=5, followers=7, vanished_at=now())
    seeds.connection(store, gipper, 6, account=5, followers=8)
    seeds.count(store)
    assert followers(store) == 900 + 50 + 8


def test_a_source_that_is_not_asked_any_more_leaves_its_accounts_to_the_others(store: Store) -> None:
    late, zocial = (seeds.source(store, name) for name in ("late", "zocial"))
    seeds.connection(store, late, 1, account=1, followers=900)
    seeds.connection(store, zocial, 2, account=1, followers=910)
    ago = TODAY - timedelta(days=9)
    seeds.count(store, ago)
    count(store, zocial)
    assert (followers(store, ago), followers(store)) == (900, 910)
    count(store, late)
    count(store, zocial)
    assert followers(store) == 900


def test_followers_of_a_day_before_accounts_were_known_are_not_told(store: Store) -> None:
    source = seeds.source(store, "late")
    seeds.connection(store, source, 1, followers=900)
    seeds.count(store)
    with store.bulk() as link:
        link.exec_driver_sql("UPDATE totals SET followers_once = NULL")
    assert followers(store) is None
