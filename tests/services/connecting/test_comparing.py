"""Two lists of a vendor compared: what an attempt may call its own, for any lists and whatever anybody named."""

from hypothesis import given
from hypothesis import strategies as st

from services.connecting.comparing import Found, Listed, compare, kept

ids = st.sampled_from("abcdef")
lists = st.dictionaries(ids, st.sampled_from([True, False, None]), max_size=6).map(
    lambda rows: [Listed(each, f"@{each}", live) for each, live in rows.items()]
)


@given(before=lists, after=lists, told=st.none() | ids, taken=st.sets(ids))
def test_only_what_is_new_or_came_back_to_life_is_connected(
    before: list[Listed], after: list[Listed], told: str | None, taken: set[str]
) -> None:
    finding = compare(kept(before), after, told=told, taken=taken)
    was = {each.id: each for each in before}
    if finding.found is Found.CONNECTED:
        account = finding.account
        assert account in after
        assert account is not None
        assert account.live is not False
        assert account.id not in was or (was[account.id].live is False and account.live is True)
        assert account.id == told or account.id not in taken
    if finding.found is Found.THERE_BEFORE:
        assert finding.account is not None
        assert finding.account.id == told
    assert finding.found in {Found.CONNECTED, Found.THERE_BEFORE, Found.NOTHING}


@given(before=lists, after=lists, told=st.none() | ids, expects=ids)
def test_a_reconnect_ends_well_with_the_expected_account_alone(
    before: list[Listed], after: list[Listed], told: str | None, expects: str
) -> None:
    finding = compare(kept(before), after, expects=expects, told=told)
    account = finding.account
    if finding.found is Found.CONNECTED:
        assert account is not None
        assert (account.id, account.live is False) == (expects, False)
    if finding.found is Found.ANOTHER:
        assert account is not None
        assert (account.id != expects, account in after) == (True, True)


@given(rows=lists, told=st.none() | st.text(min_size=2))
def test_a_list_that_did_not_change_connects_nothing_whoever_is_named(rows: list[Listed], told: str | None) -> None:
    assert compare(kept(rows), rows, told=told).found is Found.NOTHING
