"""Engagement against followers: which connections are dots, and how many at most."""

from sqlalchemy import insert
from sqlmodel import SQLModel

from data.queries import dots
from data.store import Store, now
from tests import seeds


def test_only_what_tells_both_figures_and_is_listed_is_a_dot(store: Store) -> None:
    source = seeds.source(store, "late")
    figures = [(100, 1.5), (None, 1.5), (100, None), (0, 2.0), (5_000, 0.0)]
    for number, (followers, rate) in enumerate(figures):
        seeds.connection(store, source, number, followers=followers, engagement_rate=rate, name="n" * 5_000)
    seeds.connection(store, source, 9, followers=7, engagement_rate=3.0, vanished_at=now(), name=None)
    seeds.count(store)
    with store.reading() as session:
        found = dots.engagement_by_followers(session)
    assert [(dot.followers, dot.engagement_rate) for dot in found.dots] == [(100, 1.5), (5_000, 0.0)]
    assert found.whole
    assert {dot.name for dot in found.dots} == {"n" * dots.LONGEST_NAME}
    assert found.of == 5


def test_of_many_there_are_at_most_400_the_same_ones_each_time_and_from_all_over(store: Store) -> None:
    source = seeds.source(store, "late")
    number = 5_000
    with store.bulk() as link:
        link.execute(
            insert(SQLModel.metadata.tables["connections"]),
            [
                {
                    "id": f"c{one}",
                    "source_id": source,
                    "kind": "network",
                    "platform": "tiktok",
                    "vendor_id": str(one),
                    "status": "accepted",
                    "health": "healthy",
                    "fingerprint": one,
                    "followers": one + 1,
                    "engagement_rate": 1.0,
                    "sort_name": "",
                    "search_text": "",
                    "first_seen_at": now(),
                    "last_seen_at": now(),
                }
                for one in range(number)
            ],
        )
    seeds.count(store)
    with store.reading() as session:
        found, again = dots.engagement_by_followers(session), dots.engagement_by_followers(session)
    assert found == again
    assert 200 <= len(found.dots) <= dots.MOST
    assert (found.of, found.whole) == (number, False)
    assert max(dot.followers for dot in found.dots) > number * 0.99


def test_an_empty_cache_has_no_dot(store: Store) -> None:
    with store.reading() as session:
        assert dots.engagement_by_followers(session) == dots.Sample((), 0, whole=True)
