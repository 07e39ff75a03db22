"""Saved views: a filtered and sorted list of networks under a name, for oneself or for everyone."""

from data import people, views
from data.models import View
from data.names import key
from data.store import Session, now
from services import audit, listing_address, names
from services.access import Actor, Permission, requires
from services.desk import Desk
from services.failures import Failure, Forbidden, Misuse

LONGEST_NAME = 60
LONGEST_QUERY = 2_000
LONGEST_READ = 20_000
"""Characters of an address that are looked at, before it is brought into its one form."""
MOST = 100
"""Views of one person."""


class NameTaken(Failure):
    """The person has a view of that name already: it can be replaced."""

    def __init__(self, name: str) -> None:
        super().__init__("taken", f"You have a view named “{name}” already.", "Replace it, or choose another name.")


@requires(Permission.LOOK, "view.save", "view {}")
def save(desk: Desk, actor: Actor, name: str, query: str, *, shared: bool = False, replace: bool = False) -> int:
    """Save the query of a list's address under a name and give the view's number.

    What of the query makes no sense is left out, and the place in the list too. Raises NameTaken unless the view of
    that name shall be replaced, and Misuse for a name or a query that is too long, and for the hundred and first.
    """
    wanted = checked_name(name)
    with desk.store.reading() as session:
        kept = _checked_query(session, query)
    with desk.store.writing() as session:
        owner = _person(session, actor)
        found = views.of(session, owner)
        view = _named(found, wanted)
        if view is not None and not replace:
            raise NameTaken(view.name)
        if view is None and len(found) >= MOST:
            raise Misuse(f"One person can save {MOST} views.", "Remove one that is no longer needed.")
        before = _told(view) if view else None
        view = view or View(owner_id=owner, name=wanted, query=kept, created_at=now())
        view.name, view.query, view.shared = wanted, kept, shared
        session.add(view)
        session.flush()
        audit.record(session, actor, "view.save", f"view {wanted}", before=before, after=_told(view))
        return view.id or 0


@requires(Permission.LOOK, "view.rename", "view {}")
def rename(desk: Desk, actor: Actor, number: int, name: str) -> None:
    """Give one's own view another name. Raises NameTaken, Misuse, or Forbidden for somebody else's."""
    wanted = checked_name(name)
    with desk.store.writing() as session:
        view = _own(session, actor, number)
        other = _named(views.of(session, view.owner_id), wanted)
        if other is not None and other.id != view.id:
            raise NameTaken(other.name)
        before, view.name = view.name, wanted
        session.add(view)
        audit.record(session, actor, "view.rename", f"view {wanted}", before=before, after=wanted)


@requires(Permission.LOOK, "view.share", "view {}")
def share(desk: Desk, actor: Actor, number: int, *, shared: bool) -> None:
    """Let others see one's own view, or no longer. Raises Misuse, or Forbidden for somebody else's."""
    with desk.store.writing() as session:
        view = _own(session, actor, number)
        before, view.shared = view.shared, shared
        session.add(view)
        audit.record(session, actor, "view.share", f"view {view.name}", before=before, after=shared)


@requires(Permission.LOOK, "view.remove", "view {}")
def remove(desk: Desk, actor: Actor, number: int) -> None:
    """Remove one's own view; who manages people may remove what others share. Raises Misuse or Forbidden."""
    with desk.store.writing() as session:
        view = _own(session, actor, number, or_may=Permission.MANAGE_PEOPLE)
        session.delete(view)
        audit.record(session, actor, "view.remove", f"view {view.name}", before=_told(view))


def checked_name(name: str) -> str:
    """Give a name with its blanks put right. Raises Misuse for none, a long one, or one with control characters."""
    return names.checked(name, whose="A view's", longest=LONGEST_NAME)


def _checked_query(session: Session, query: str) -> str:
    """Bring a query into its one form. Raises Misuse when it is too long."""
    asked = listing_address.parse(query[:LONGEST_READ], listing_address.known(session))
    if len(query) > LONGEST_READ or len(asked.query) > LONGEST_QUERY:
        raise Misuse("This list is filtered by too much to be saved.", "Choose fewer values, or search shorter.")
    return asked.query


def _person(session: Session, actor: Actor) -> int:
    found = people.named(session, actor.username)
    if found is None or found.id is None:
        raise Misuse(f"{actor.username} is nobody who has views.", "Act as a person.")
    return found.id


def _named(found: list[View], name: str) -> View | None:
    """Find the view of a name; neither capitals nor what joins letters make another name."""
    return next((view for view in found if key(view.name) == key(name)), None)


def _own(session: Session, actor: Actor, number: int, *, or_may: Permission | None = None) -> View:
    """Find an actor's own view, or a shared one when the actor may: what is not shared is not there for others."""
    view = views.by_id(session, number)
    person = people.named(session, actor.username)
    if view is not None and person is not None and view.owner_id == person.id:
        return view
    if view is None or not view.shared:
        raise Misuse("There is no such view.", "It was removed, or is no longer shared.")
    if or_may is None or not actor.may(or_may):
        raise Forbidden("This view is somebody else's.", "Save a copy under a name of your own.")
    return view


def _told(view: View) -> dict[str, object]:
    return {"name": view.name, "query": view.query, "shared": view.shared}
