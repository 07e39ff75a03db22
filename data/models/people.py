"""People, their views and sign-ins, and the trail of what they did."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from data.models._fields import instant


class User(SQLModel, table=True):
    """A person who may sign in."""

    __tablename__: ClassVar[Any] = "users"

    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(unique=True)
    name: str
    email: str | None = None
    role: str
    password_hash: str
    created_at: datetime = instant(null=False)
    disabled_at: datetime | None = instant()
    previous_visit_at: datetime | None = instant()


class View(SQLModel, table=True):
    """A list of networks that a person saved under a name: the query of its address, and whether others see it."""

    __tablename__: ClassVar[Any] = "views"
    __table_args__: ClassVar[Any] = (UniqueConstraint("owner_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    owner_id: int = Field(foreign_key="users.id")
    name: str
    query: str = Field(sa_type=Text)
    shared: bool = False
    created_at: datetime = instant(null=False)


class SignInSession(SQLModel, table=True):
    """A sign-in: first a one-time ticket, then a cookie; only their hashes are kept."""

    __tablename__: ClassVar[Any] = "sessions"

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="users.id", index=True)
    ticket_hash: str | None = Field(default=None, unique=True)
    ticket_until: datetime | None = instant()
    token_hash: str | None = Field(default=None, unique=True)
    address: str = ""
    agent: str = ""
    created_at: datetime = instant(null=False)
    last_seen_at: datetime = instant(null=False)
    expires_at: datetime = instant(null=False)
    ended_at: datetime | None = instant()
    ended_why: str | None = None


class Lockout(SQLModel, table=True):
    """Failed sign-ins of one account or one address, and until when it has to wait."""

    __tablename__: ClassVar[Any] = "lockouts"

    subject: str = Field(primary_key=True)
    failures: int = 0
    last_at: datetime = instant(null=False)
    locked_until: datetime | None = instant()


class AuditRow(SQLModel, table=True):
    """One action, chained to the row before it by hash."""

    __tablename__: ClassVar[Any] = "audit"
    __table_args__: ClassVar[Any] = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = instant(null=False, index=True)
    actor: str
    action: str
    subject: str
    before: str | None = Field(default=None, sa_type=Text)
    after: str | None = Field(default=None, sa_type=Text)
    outcome: str
    reason: str | None = Field(default=None, sa_type=Text)
    previous: str
    hash: str
