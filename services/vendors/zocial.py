"""Zocial's Connect API: networks, pages, walls and channels of one user (documents/zocial.txt).

Every call is a POST, also the reads; bodies are forms or JSON exactly as each endpoint is documented; every path ends
in a slash. An `error` key means failure at any HTTP status. `network_id` has two meanings there: the handle in lists
and approvals (our ExternalId), Zocial's own integer in status, disconnect, extra and connect answers (our NetworkId).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, NamedTuple, NewType, TypeVar

from services.vendors import _payload, errors
from services.vendors._http import Answer, Http, Pace, Refusal, Timing, common
from services.vendors._payload import Listing, Shape

NetworkId = NewType("NetworkId", int)
"""Zocial's own id of a network: what status, disconnect and extra want."""
ExternalId = NewType("ExternalId", str)
"""The platform's handle, which Zocial also calls network_id (page_id, wall_id, channel_id) in lists and approvals."""
PageId = NewType("PageId", int)
WallId = NewType("WallId", int)
ChannelId = NewType("ChannelId", int)
ApprovalId = NewType("ApprovalId", int)

STATUSES: Final = ("pending", "accepted", "rejected", "suspended", "disconnected")
NETWORKS: Final = ("instagram", "facebook", "twitter", "youtube", "tiktok", "linkedin", "pinterest")
AUTHENTICATORS: Final = ("facebook", "google", "instagram", "twitter")
"""The platforms that have an authentication endpoint; the others can only be submitted for approval."""

_T = TypeVar("_T")


class Network(NamedTuple):
    """A connected network. `told` names the fields that were in the answer (engagement_rate may be absent or null)."""

    id: NetworkId
    network: str | None
    network_id: ExternalId | None
    network_url: str | None
    status: str | None
    followers: int | None
    verified: bool | None
    connected_at: datetime | None
    user_id: str | None
    category: str | None
    engagement_rate: float | None
    last_updated: datetime | None
    extra_data: Mapping[str, Any] | None
    told: frozenset[str]
    extra: Mapping[str, Any]
    raw_bad: Mapping[str, str]


class Page(NamedTuple):
    """A social page; `page_id` is the platform's own."""

    id: PageId
    network: str | None
    page_id: ExternalId | None
    page_name: str | None
    page_url: str | None
    status: str | None
    followers: int | None
    category: str | None
    connected_at: datetime | None
    user_id: str | None
    engagement_rate: float | None
    last_updated: datetime | None
    extra_data: Mapping[str, Any] | None
    told: frozenset[str]
    extra: Mapping[str, Any]
    raw_bad: Mapping[str, str]


class Wall(NamedTuple):
    """A social wall; `wall_id` is the platform's own."""

    id: WallId
    network: str | None
    wall_id: ExternalId | None
    wall_name: str | None
    wall_url: str | None
    status: str | None
    followers: int | None
    category: str | None
    connected_at: datetime | None
    user_id: str | None
    engagement_rate: float | None
    last_updated: datetime | None
    extra_data: Mapping[str, Any] | None
    told: frozenset[str]
    extra: Mapping[str, Any]
    raw_bad: Mapping[str, str]


class Channel(NamedTuple):
    """A social channel; `channel_id` is the platform's own, `subscribers` its followers."""

    id: ChannelId
    network: str | None
    channel_id: ExternalId | None
    channel_name: str | None
    channel_url: str | None
    status: str | None
    subscribers: int | None
    category: str | None
    connected_at: datetime | None
    user_id: str | None
    engagement_rate: float | None
    last_updated: datetime | None
    extra_data: Mapping[str, Any] | None
    told: frozenset[str]
    extra: Mapping[str, Any]
    raw_bad: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NetworkStatus:
    """What Zocial says of one network now; `drift` counts what differed from the contract."""

    status: str
    verified: bool | None
    followers: int | None
    engagement_rate: float | None
    last_updated: datetime | None
    told: frozenset[str]
    extra: Mapping[str, Any]
    raw_bad: Mapping[str, str]
    drift: tuple[_payload.Drift, ...] = field(default=(), compare=False)


_CLOSED: Final = {"network": _payload.bounded(NETWORKS), "status": _payload.bounded(STATUSES)}
_LATER: Final = (
    ("category", _payload.text),
    ("connected_at", _payload.moment),
    ("user_id", _payload.label),
    ("engagement_rate", _payload.engagement),
    ("last_updated", _payload.moment),
    ("extra_data", _payload.mapping),
)

_NETWORK: Final = Shape(
    Network,
    "id",
    _payload.whole_identifier,
    (
        ("network", _payload.text),
        ("network_id", _payload.label),
        ("network_url", _payload.link),
        ("status", _payload.text),
        ("followers", _payload.count),
        ("verified", _payload.flag),
        ("connected_at", _payload.moment),
        ("user_id", _payload.label),
        ("category", _payload.text),
        ("engagement_rate", _payload.engagement),
        ("last_updated", _payload.moment),
        ("extra_data", _payload.mapping),
    ),
    _CLOSED,
)


def _named(make: type[_T], kind: str, audience: str = "followers") -> Shape[_T]:
    """The shape of a page, wall or channel: the same fields under the name of its kind."""
    own = (("network", _payload.text), (f"{kind}_id", _payload.label))
    named = ((f"{kind}_name", _payload.text), (f"{kind}_url", _payload.link))
    figures = (("status", _payload.text), (audience, _payload.count))
    return Shape(make, "id", _payload.whole_identifier, (*own, *named, *figures, *_LATER), _CLOSED)


_PAGE: Final = _named(Page, "page")
_WALL: Final = _named(Wall, "wall")
_CHANNEL: Final = _named(Channel, "channel", "subscribers")
_STATUS: Final = Shape(
    NetworkStatus,
    "status",
    _payload.identifier,
    (
        ("verified", _payload.flag),
        ("followers", _payload.count),
        ("engagement_rate", _payload.engagement),
        ("last_updated", _payload.moment),
    ),
    {"status": _payload.bounded(STATUSES)},
    known=frozenset({"network_id", "message"}),
)

_CODES: Final[dict[str, tuple[type[errors.VendorError], str]]] = {
    "authentication_required": (errors.Unauthorised, "Enter the long-lived token of the Zocial user for this source."),
    "invalid_access_token": (errors.Unauthorised, "Create a new token in Zocial's admin and enter it for this source."),
    "network_already_connected": (errors.Conflict, "It is connected already: refresh the source to see it."),
    "network_not_found": (errors.NotFound, "Refresh the source: Zocial no longer knows this network."),
    "network_verification_failed": (errors.Rejected, "Sign in to the account again and give Zocial a fresh access."),
    "validation_error": (errors.Rejected, "Correct the field that Zocial names and try again."),
    "permission_denied": (errors.PermissionDenied, "Ask the owner of this network, or use the token of another user."),
    "network_limit_reached": (errors.LimitReached, "Disconnect a network or have the limit raised at Zocial."),
}


def _dialect(status: int, body: Any) -> Refusal | None:
    """Zocial's errors: an `error` key is a failure at any HTTP status."""
    if not isinstance(body, dict) or "error" not in body:
        return common(status, body)
    told = common(max(status, 400), body) or Refusal()
    given = body["error"] if isinstance(body["error"], str) and body["error"].strip() else None
    code = given or told.code
    kind, advice = _CODES.get(code or "", (None, None))
    if kind is None and status < 300:  # noqa: PLR2004 - an unknown error under a status that says nothing
        kind = errors.OutcomeUnknown if body.get("status") == "success" else errors.Rejected
    message = told.message
    if given and message == given:
        message = f"it answered with the error {errors.clean(given, length=64)}"
    return Refusal(message or "it answered with an error without words", code, told.field, kind, advice)


class Zocial:
    """One Zocial user. Reads are tried again, writes are sent once; every method raises VendorError."""

    def __init__(self, base_url: str, token: str, *, pace: Pace | None = None, timing: Timing | None = None) -> None:
        self.pace = pace or Pace(20, 1.0)
        headers = {"Authorization": f"Bearer {token}"}
        self._http = Http(base_url, vendor="zocial", headers=headers, pace=self.pace, timing=timing)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def networks(self) -> Listing[Network]:
        """All connected networks."""
        return self._list("/api/get/networks/", "networks", _NETWORK)

    def pages(self) -> Listing[Page]:
        """All social pages."""
        return self._list("/api/get/social-pages/", "pages", _PAGE)

    def walls(self) -> Listing[Wall]:
        """All social walls."""
        return self._list("/api/get/social-walls/", "walls", _WALL)

    def channels(self) -> Listing[Channel]:
        """All social channels."""
        return self._list("/api/get/social-channels/", "channels", _CHANNEL)

    def status(self, network: NetworkId) -> NetworkStatus:
        """What Zocial says of one network now; `status` is the network's state here, not a success word."""
        action = "tell the status of the network"
        form = {"network_id": _own_id(network, action)}
        answer = self._http.read("POST", "/api/network/status/", action=action, form=form, dialect=_dialect)
        reader = _payload.RecordReader(_STATUS)
        try:
            _, told = reader.read(answer.object())
        except ValueError as reason:
            raise answer.unexpected(str(reason)) from None
        return replace(told, drift=reader.tally.drift())

    def update_extra(self, network: NetworkId, extra_data: Mapping[str, str | float | bool]) -> None:
        """Change a network's extra data, sent as `extra_data[key]=value`."""
        action = "update the network's extra data"
        form = {"network_id": _own_id(network, action)}
        form |= {f"extra_data[{key}]": _as_text(value) for key, value in extra_data.items()}
        self._act("/api/action/network-extra/update/", action, form=form)

    def authenticate(self, platform: str, access_token: str, user_id: str) -> NetworkId:
        """Connect an account of facebook, google, instagram or twitter with the person's own access token.

        Raises:
            Rejected: the platform has no such endpoint (nothing was sent), or Zocial refused the access.
        """
        named = "X" if platform == "twitter" else errors.clean(platform.capitalize(), length=20)
        action = f"connect the {named} account"
        if platform not in AUTHENTICATORS:
            reason = "it has an authentication endpoint for facebook, google, instagram and twitter only"
            raise errors.Rejected("zocial", action, reason, field="network", advice="Submit this account for approval.")
        form = {"access_token": access_token, "user_id": user_id}
        answer = self._act(f"/api/auth/{platform}/", action, form=form, secrets=(access_token,))
        return NetworkId(_new_id(answer, "network_id"))

    def authenticate_facebook(self, access_token: str, user_id: str) -> NetworkId:
        """Connect a Facebook account."""
        return self.authenticate("facebook", access_token, user_id)

    def authenticate_google(self, access_token: str, user_id: str) -> NetworkId:
        """Connect a Google account."""
        return self.authenticate("google", access_token, user_id)

    def authenticate_instagram(self, access_token: str, user_id: str) -> NetworkId:
        """Connect an Instagram account."""
        return self.authenticate("instagram", access_token, user_id)

    def authenticate_twitter(self, access_token: str, user_id: str) -> NetworkId:
        """Connect a Twitter account."""
        return self.authenticate("twitter", access_token, user_id)

    def submit_approval(
        self, network_type: str, network_id: ExternalId, network_url: str, followers: int | None, category: str | None
    ) -> ApprovalId:
        """Submit an account for approval, by the platform's handle; what is None is left out."""
        body: dict[str, Any] = {"network_type": network_type, "network_id": network_id, "network_url": network_url}
        body |= {name: value for name, value in (("followers", followers), ("category", category)) if value is not None}
        answer = self._act("/api/action/network/approval/", "submit the network for approval", json=body)
        return ApprovalId(_new_id(answer, "approval_id"))

    def disconnect(self, network: NetworkId) -> None:
        """Disconnect a network by Zocial's own integer id (never by the handle, which it also calls network_id)."""
        action = "disconnect the network"
        self._act("/api/network/disconnect/", action, form={"network_id": _own_id(network, action)})

    def add_page(
        self, network: str, page_id: ExternalId, *, name: str, url: str, followers: int, category: str
    ) -> PageId:
        """Add a social page (sent as a form); gives Zocial's own id of it."""
        form = {"network": network, "page_id": page_id, "page_name": name, "page_url": url}
        form |= {"followers": str(followers), "category": category}
        return PageId(_new_id(self._act("/api/add/social-page/", "add the page", form=form), "page_id"))

    def add_wall(
        self, network: str, wall_id: ExternalId, *, name: str, url: str, followers: int, category: str
    ) -> WallId:
        """Add a social wall (sent as a form); gives Zocial's own id of it."""
        form = {"network": network, "wall_id": wall_id, "wall_name": name, "wall_url": url}
        form |= {"followers": str(followers), "category": category}
        return WallId(_new_id(self._act("/api/add/social-wall/", "add the wall", form=form), "wall_id"))

    def add_channel(
        self, network: str, channel_id: ExternalId, *, name: str, url: str, subscribers: int, category: str
    ) -> ChannelId:
        """Add a social channel (sent as JSON, unlike pages and walls); gives Zocial's own id of it."""
        body = {"network": network, "channel_id": channel_id, "channel_name": name, "channel_url": url}
        answer = self._act(
            "/api/add/social-channel/",
            "add the channel",
            json={**body, "subscribers": subscribers, "category": category},
        )
        return ChannelId(_new_id(answer, "channel_id"))

    def _list(self, path: str, key: str, shape: Shape[_T]) -> Listing[_T]:
        answer = self._http.read("POST", path, action=f"list the {key}", dialect=_dialect)
        return _payload.listing(answer.rows(key), shape)

    def _act(self, path: str, action: str, **options: Any) -> Answer:
        """Send a write; success is the word, not the HTTP status."""
        answer = self._http.write("POST", path, action=action, dialect=_dialect, **options)
        body = answer.body if isinstance(answer.body, dict) else {}
        state = body.get("status")
        if isinstance(state, str) and state.lower() == "success":
            return answer
        raise answer.unconfirmed("its answer does not say 'success'")


def _own_id(network: NetworkId, action: str) -> str:
    """Zocial's integer id as form text; anything else is refused before it leaves."""
    if type(network) is not int or network <= 0:
        reason = "Zocial's own integer id of the network is needed, not its handle"
        raise errors.Rejected(
            "zocial", action, reason, field="network_id", advice="Refresh the source and choose again."
        )
    return str(network)


def _new_id(answer: Answer, key: str) -> int:
    given = _payload.whole_identifier(answer.object().get(key))
    if given is _payload.BAD:
        raise answer.unconfirmed(f"its answer says 'success', but holds no usable '{key}'")
    return int(given)


def _as_text(value: str | float | bool) -> str:  # noqa: FBT001 - a value of a form
    return str(value).lower() if isinstance(value, bool) else str(value)
