"""Credentials: the sources that an admin adds, renews, switches off and removes; their secrets are kept encrypted."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, get_args

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo

from data import connections, drafts, incidents
from data import sources as table
from data.models import Source
from data.store import Session, now
from data.types import Contract, Origin, Vendor
from services import audit, jwts
from services.access import Actor, Permission, requires
from services.clients import sealed_row, secrets_of
from services.desk import Desk
from services.failures import Failure, Misuse
from services.settings import SETTINGS_ONLY, Settings, VendorSettings, fits_a_header
from services.sources import SENDING_OFF_BY
from services.vault import WrongKey
from services.webhooks import signing

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Application:
    """What a person gives to add a source: where it is, its options, and its secrets by the field's name."""

    vendor: Vendor
    base_url: str
    contract: Contract | None = None
    options: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Listed:
    """One source as the Sources page and the command line show it: never with a secret."""

    name: str
    vendor: str
    contract: str
    base_url: str
    options: dict[str, Any]
    origin: str
    enabled: bool
    secret: str
    created_at: datetime
    last_complete_at: datetime | None
    problem: str | None
    jwt_ends: datetime | None = None


class Removal(NamedTuple):
    """What removing a source would touch: connections, which stay, and drafts, which then need another source."""

    connections: int
    drafts: int


@requires(Permission.MANAGE_SOURCES, "source.list", otherwise="every source")
def listing(desk: Desk, _actor: Actor) -> list[Listed]:
    """List every source that is not removed, by name."""
    with desk.store.reading() as session:
        return [_listed(desk, source) for source in table.active(session)]


@requires(Permission.MANAGE_SOURCES, "source.add", "source {}")
def add(desk: Desk, actor: Actor, name: str, wanted: Application) -> Listed:
    """Add a source. Raises Misuse for a wrong name, address, option or secret, and Failure in sandbox mode."""
    refuse_demo(desk)
    chosen = _checked_name(name)
    checked = validated(wanted)
    with desk.store.writing() as session:
        source = _fresh(session, chosen, wanted.vendor, checked.base_url or "")
        source.contract = getattr(checked, "contract", Contract.DOCUMENTED).value
        source.options, source.enabled, source.removed_at = checked.options(), True, None
        session.add(source)
        session.flush()
        _seal(desk, session, source, checked.secrets())
        told = {"vendor": source.vendor, "contract": source.contract, "base_url": source.base_url}
        audit.record(session, actor, "source.add", f"source {chosen}", after=told | {"options": source.options})
        return _listed(desk, source)


@requires(Permission.MANAGE_SOURCES, "source.rotate", "source {}")
def rotate(desk: Desk, actor: Actor, name: str, secrets: dict[str, str]) -> Listed:
    """Replace the secrets of an added source. Raises Misuse for what the vendor can't use.

    The old ones are gone, but for the webhook secret: the vendor may still sign with it for some days.
    """
    with desk.store.writing() as session:
        source = _own(session, name, "its secrets come")
        options = {key: str(value) for key, value in source.options.items() if key != SENDING_OFF_BY}
        asked = Application(Vendor(source.vendor), source.base_url, Contract(source.contract), options, secrets)
        _seal(desk, session, source, signing.overlapping(_openable(desk, source), validated(asked).secrets(), now()))
        source.next_try_at = None
        audit.record(session, actor, "source.rotate", f"source {source.name}", after={"fields": sorted(secrets)})
        return _listed(desk, source)


@requires(Permission.MANAGE_SOURCES, "source.switch", "source {}")
def set_enabled(desk: Desk, actor: Actor, name: str, *, enabled: bool) -> Listed:
    """Switch an added source on or off: an off one keeps its connections and is not asked."""
    with desk.store.writing() as session:
        source = _own(session, name, "it is switched")
        before, source.enabled = source.enabled, enabled
        session.add(source)
        if not enabled:
            incidents.end_of_source(session.connection(), source.id or 0, now(), "The source was switched off.")
        about, after = f"source {source.name}", {"enabled": enabled}
        audit.record(session, actor, "source.switch", about, before={"enabled": before}, after=after)
        return _listed(desk, source)


@requires(Permission.MANAGE_SOURCES, "source.removal", "source {}")
def removal(desk: Desk, _actor: Actor, name: str) -> Removal:
    """Tell what removing a source would keep and touch. Raises Misuse for one of the settings."""
    with desk.store.reading() as session:
        number = _removable(session, name).id or 0
        return Removal(connections.number_of(session.connection(), number), drafts.of_source(session, number))


@requires(Permission.MANAGE_SOURCES, "source.remove", "source {}")
def remove(desk: Desk, actor: Actor, name: str) -> Listed:
    """Remove a source: its secret is deleted, its connections and their history stay."""
    with desk.store.writing() as session:
        source = _removable(session, name)
        source.secret, source.enabled, source.removed_at = None, False, now()
        session.add(source)
        incidents.end_of_source(session.connection(), source.id or 0, now(), "The source was removed.")
        audit.record(session, actor, "source.remove", f"source {source.name}", before={"vendor": source.vendor})
        return _listed(desk, source)


def refuse_demo(desk: Desk) -> None:
    """Refuse a real source while the pretended ones are on. Raises Failure."""
    if desk.settings.demo:
        message = "Patchbay runs with its sandbox: demo and real data never mix."
        raise Failure("mode", message, "Set PATCHBAY_SANDBOX=false (and another PATCHBAY_DATABASE_URL), then add it.")


def named(session: Session, name: str) -> Source:
    """Find a source that is not removed. Raises Misuse when there is none of that name."""
    found = {source.name: source for source in table.active(session)}
    if name not in found:
        raise Misuse(f"There is no source named {name!r}.", f"There are: {', '.join(found) or 'none yet'}.")
    return found[name]


def plain_fields(vendor: Vendor) -> dict[str, Any]:
    """Give what a vendor takes besides its address, contract and secrets: each field's name and default."""
    skip = {"base_url", "contract", *secret_fields(vendor)}
    return {name: info.default for name, info in _offered(vendor).items() if name not in skip}


def contracts(vendor: Vendor) -> list[Contract]:
    """Give the contracts that a vendor can be asked by; one is no choice."""
    return list(Contract) if "contract" in _shape(vendor).model_fields else [Contract.DOCUMENTED]


def secret_fields(vendor: Vendor) -> list[str]:
    """Name the secrets that a vendor may need."""
    return [name for name, info in _offered(vendor).items() if SecretStr in get_args(info.annotation)]


def validated(wanted: Application) -> VendorSettings:
    """Check a source by the rules of the settings. Raises Misuse that names each field that is wrong or missing."""
    _refuse_misplaced(wanted)
    given: dict[str, Any] = {"base_url": wanted.base_url, **wanted.options, **wanted.secrets}
    shape = _shape(wanted.vendor)
    if "contract" in shape.model_fields:
        given["contract"] = wanted.contract or Contract.DOCUMENTED
    elif wanted.contract is Contract.CURRENT:
        raise Misuse(f"{wanted.vendor} has one contract only.", "Leave the contract out.")
    try:
        checked = shape.model_validate(given)
    except ValidationError as error:
        problems = [_sentence(dict(problem)) for problem in error.errors(include_input=False, include_url=False)]
        raise Misuse(" ".join(problems), _fields(wanted.vendor)) from None
    missing = [*([] if checked.base_url else ["base_url"]), *checked.missing()]
    if missing:
        raise Misuse(f"{wanted.vendor} also needs: {', '.join(missing)}.", _fields(wanted.vendor))
    return checked


def _shape(vendor: Vendor) -> type[VendorSettings]:
    shape: type[VendorSettings] = type(Settings.model_fields[vendor.value].default)
    return shape


def _offered(vendor: Vendor) -> dict[str, FieldInfo]:
    return {name: info for name, info in _shape(vendor).model_fields.items() if name not in SETTINGS_ONLY}


def _refuse_misplaced(wanted: Application) -> None:
    secret = set(secret_fields(wanted.vendor))
    shown = sorted(secret & wanted.options.keys())
    if shown:
        raise Misuse(f"{shown[0]} is a secret and no option.", "Give it on stdin: arguments are visible to others.")
    for name, value in wanted.secrets.items():
        if not fits_a_header(value):
            raise Misuse(f"{name} must be one line of printable ASCII text.", "Copy it again from the vendor.")


def _fields(vendor: Vendor) -> str:
    plain = [name for name in _offered(vendor) if name not in secret_fields(vendor)]
    return f"Options of {vendor}: {', '.join(plain)}. Secrets: {', '.join(secret_fields(vendor))}."


def _sentence(problem: dict[str, Any]) -> str:
    name = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"{name} is no field of this vendor."
    text = str(problem["msg"]).removeprefix("Value error, ")
    return f"{name} {text[0].lower()}{text[1:]}."


def _checked_name(name: str) -> str:
    if not NAME.fullmatch(name):
        message = "A source's name is 1 to 64 small letters, digits, dots, dashes or underscores."
        raise Misuse(message, "For example: zocial-emea")
    if name in set(Vendor):
        raise Misuse(f"The name {name} belongs to the source that the settings describe.", f"Try {name}-2.")
    return name


def _fresh(session: Session, name: str, vendor: Vendor, base_url: str) -> Source:
    """Give a new row, or the removed row of the same name and place: its history goes on."""
    found = table.named(session, name)
    if found is None:
        place = {"vendor": vendor.value, "base_url": base_url, "origin": Origin.ADDED.value}
        return Source.model_validate({"name": name, "contract": "", "created_at": now(), **place})
    if found.removed_at is None:
        raise Misuse(f"There is a source named {name} already.", "Choose another name, or renew that one's secrets.")
    if (found.vendor, found.base_url) != (vendor.value, base_url):
        message = f"The name {name} belonged to a removed source of {found.vendor}, whose history keeps it."
        raise Misuse(message, "Choose another name.")
    return found


def _seal(desk: Desk, session: Session, source: Source, secrets: dict[str, str]) -> None:
    source.secret = desk.vault.seal(secrets, row=sealed_row(source))
    session.add(source)


def _openable(desk: Desk, source: Source) -> dict[str, str]:
    """Give the secrets of a source, none when another key sealed them: entering them again is what mends that."""
    try:
        return secrets_of(desk, source)
    except WrongKey:
        return {}


def _own(session: Session, name: str, what: str) -> Source:
    source = named(session, name)
    if source.origin != Origin.ADDED:
        raise _from_settings(source, what)
    return source


def _removable(session: Session, name: str) -> Source:
    source = named(session, name)
    if source.origin != Origin.ADDED and source.enabled:
        raise _from_settings(source, "it is removed")
    return source


def fixed(source: Listed) -> Misuse | None:
    """Say of a source that can't be changed here, where it can; None for an added one."""
    return None if source.origin == Origin.ADDED else _from_settings(source, "it is changed")


def _from_settings(source: Source | Listed, what: str) -> Misuse:
    if source.origin == Origin.SANDBOX:
        return Misuse(f"{source.name} is a pretended source.", "It is there as long as PATCHBAY_SANDBOX is on.")
    variable = f"PATCHBAY_{source.vendor.upper()}__"
    return Misuse(f"{source.name} stands in the settings: {what} there.", f"Change {variable}… and start again.")


def _listed(desk: Desk, source: Source) -> Listed:
    return Listed(
        source.name,
        source.vendor,
        source.contract,
        source.base_url,
        source.options,
        source.origin,
        source.enabled,
        _where(desk, source),
        source.created_at,
        source.last_complete_at,
        source.problem_message,
        life.ends if (life := jwts.of(desk, source)) else None,
    )


def _where(desk: Desk, source: Source) -> str:
    """Say where the secret is: stored here, in the environment (or the secrets file), in the sandbox, or missing."""
    if source.origin == Origin.SANDBOX:
        return "sandbox"
    if source.origin == Origin.ENVIRONMENT:
        return "environment" if desk.settings.vendor(Vendor(source.vendor)).secrets() else "missing"
    return "stored" if source.secret else "missing"
