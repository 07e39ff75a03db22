"""Templates: messages kept under a name, for everybody who composes."""

from collections.abc import Mapping
from typing import Any

from data import templates as table
from data.models import MessageTemplate
from data.names import key
from data.queries import drafts as asked
from data.queries.drafts import Draft, Template
from data.store import Session, now
from services import audit, names
from services.access import Actor, Permission, requires
from services.desk import Desk
from services.failures import Failure, Misuse
from services.messaging import bodies, drafts

LONGEST_NAME = 80


class NameTaken(Failure):
    """There is a template of that name already: it can be replaced, as the version that was seen."""

    def __init__(self, name: str, version: int) -> None:
        message = f"There is a template named “{name}” already, in version {version}."
        super().__init__("taken", message, "Replace it, or choose another name.")
        self.version = version


@requires(Permission.COMPOSE, "template.keep", "template {}")
def keep(desk: Desk, actor: Actor, name: str, body: Mapping[str, Any], *, replace: int | None = None) -> Template:
    """Keep a message under a name for everybody; `replace` is the version that may be replaced.

    Raises NameTaken when there is one of that name (in another version), and Misuse for a wrong name, for a body that
    can't be kept and for an empty one.
    """
    wanted = names.checked(name, whose="A template's", longest=LONGEST_NAME)
    kept = bodies.again(bodies.checked(body))
    if not kept:
        raise Misuse("There is nothing to keep yet.", "Write the message first.")
    with desk.store.writing() as session:
        row = table.named(session, wanted)
        if row is not None and row.version != replace:
            raise NameTaken(row.name, row.version)
        before = None if row is None else _told(row)
        row = _new(wanted, actor) if row is None else row
        row.name, row.name_key, row.body = wanted, key(wanted), kept
        row.version, row.saved_by, row.saved_at = (row.version + 1 if before else 1), actor.username, now()
        session.add(row)
        session.flush()
        audit.record(session, actor, "template.keep", f"template {wanted}", before=before, after=_told(row))
        return _shown(session, row.id or 0)


@requires(Permission.COMPOSE, "template.use", "template {}")
def use(desk: Desk, actor: Actor, template_id: int) -> Draft:
    """Begin a draft with a template. Raises Misuse when it was removed."""
    with desk.store.writing() as session:
        row = _found(session, template_id)
        draft = drafts.begin(session, actor.username, row.body)
        audit.record(session, actor, "template.use", f"template {row.name}", after={"draft": draft.id})
        return draft


@requires(Permission.COMPOSE, "template.rename", "template {}")
def rename(desk: Desk, actor: Actor, template_id: int, name: str) -> Template:
    """Give a template another name. Raises NameTaken, and Misuse for a wrong name or a removed template."""
    wanted = names.checked(name, whose="A template's", longest=LONGEST_NAME)
    with desk.store.writing() as session:
        row = _found(session, template_id)
        other = table.named(session, wanted)
        if other is not None and other.id != row.id:
            raise NameTaken(other.name, other.version)
        before, row.name, row.name_key = row.name, wanted, key(wanted)
        session.add(row)
        session.flush()
        audit.record(session, actor, "template.rename", f"template {wanted}", before=before, after=wanted)
        return _shown(session, template_id)


@requires(Permission.COMPOSE, "template.remove", "template {}")
def remove(desk: Desk, actor: Actor, template_id: int) -> None:
    """Remove a template; what was made of it stays. Raises Misuse when it was removed before."""
    with desk.store.writing() as session:
        row = _found(session, template_id)
        row.removed_at = now()
        session.add(row)
        audit.record(session, actor, "template.remove", f"template {row.name}", before=_told(row))


def _new(name: str, actor: Actor) -> MessageTemplate:
    at = now()
    return MessageTemplate(
        name=name,
        name_key=key(name),
        body={},
        created_by=actor.username,
        created_at=at,
        saved_by=actor.username,
        saved_at=at,
    )


def _found(session: Session, template_id: int) -> MessageTemplate:
    row = table.by_id(session, template_id)
    if row is None or row.removed_at is not None:
        raise Misuse("There is no such template.", "Somebody removed it meanwhile: choose another one.")
    return row


def _shown(session: Session, template_id: int) -> Template:
    found = asked.template(session, template_id)
    if found is None:
        raise Misuse("There is no such template.", "Somebody removed it meanwhile: choose another one.")
    return found


def _told(row: MessageTemplate) -> dict[str, Any]:
    return {"name": row.name, "version": row.version, "body": row.body}
