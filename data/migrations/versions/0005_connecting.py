"""Attempts to connect, receipts of disconnects, the inbox of webhooks, notices of incidents, and plans in work."""

import sqlalchemy as sa
from alembic import op

import data.types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OPEN = sa.text("ended_at IS NULL")
UNSETTLED = sa.text("state IN ('sending', 'unknown')")
WAITING = sa.text("state = 'waiting'")
NAMED = """
UPDATE incidents SET noted_at = began_at,
  slot = cause || ' ' || coalesce(CAST(source_id AS TEXT), '') || ' ' || coalesce(connection_id, '')
"""
CONNECTED = sa.text("connection_id IS NOT NULL")
RENEWING = sa.text("reconnects IS NOT NULL")


def upgrade() -> None:
    """Apply."""
    _incidents()
    _notices()
    _attempts()
    _disconnects()
    _inbox()
    _case_plans()


def _case_plans() -> None:
    op.create_table(
        "case_plans",
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("begun_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("begun_by", sa.String(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("username"),
    )


def _incidents() -> None:
    op.add_column("incidents", sa.Column("slot", sa.String(), nullable=True))
    op.add_column("incidents", sa.Column("noted_at", data.types.UtcDateTime(), nullable=True))
    op.add_column("incidents", sa.Column("ended_why", sa.Text(), nullable=True))
    op.execute(NAMED)
    op.create_index(
        "ix_incidents_one_open", "incidents", ["slot"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_index("ix_incidents_slot", "incidents", ["slot", "noted_at"])


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("next_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("sent_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("incident_id", "what", "channel"),
    )
    op.create_index("ix_notices_waiting", "notices", ["next_at"], sqlite_where=WAITING)


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reconnects", sa.String(), nullable=True),
        sa.Column("expects", sa.JSON(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("began_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("changed_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("ends_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("returned_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("ended_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("told", sa.JSON(), nullable=True),
        sa.Column("remaining", sa.JSON(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=True),
        sa.Column("account", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_attempts_open", "attempts", ["person", "slot"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_index("ix_attempts_ends", "attempts", ["ends_at"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_attempts_source", "attempts", ["source_id", "id"])
    op.create_index("ix_attempts_connection", "attempts", ["connection_id"], sqlite_where=CONNECTED)
    op.create_index("ix_attempts_reconnects", "attempts", ["reconnects"], sqlite_where=RENEWING)
    op.create_table(
        "attempt_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("at", data.types.UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_attempt_events_attempt", "attempt_events", ["attempt_id", "id"])


def _disconnects() -> None:
    op.create_table(
        "disconnects",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("sent_as", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("began_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("changed_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("proof", sa.JSON(), nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.Column("sent_until", sa.Float(), nullable=False),
        sa.Column("waits_after", sa.Integer(), nullable=False),
        sa.Column("asked_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_disconnects_open",
        "disconnects",
        ["connection_id"],
        unique=True,
        sqlite_where=UNSETTLED,
        postgresql_where=UNSETTLED,
    )
    op.create_index("ix_disconnects_connection", "disconnects", ["connection_id", "id"])


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=True),
        sa.Column("received_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("told_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("done_at", data.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source_id", "event_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbox_received", "inbox", ["received_at"])
    for name in ("source_id", "event", "state"):
        op.create_index(f"ix_inbox_{name.removesuffix('_id')}", "inbox", [name, "id"])
    op.create_index("ix_inbox_waiting", "inbox", ["next_at", "id"], sqlite_where=WAITING)
    op.create_table(
        "inbox_refusals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hook", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("last_at", data.types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hook", "source", "reason", "day"),
    )


def downgrade() -> None:
    """Undo."""
    for name in ("case_plans", "inbox_refusals", "inbox", "disconnects", "attempt_events", "attempts", "notices"):
        op.drop_table(name)
    for name in ("ix_incidents_one_open", "ix_incidents_slot"):
        op.drop_index(name, "incidents")
    for name in ("ended_why", "noted_at", "slot"):
        op.drop_column("incidents", name)
