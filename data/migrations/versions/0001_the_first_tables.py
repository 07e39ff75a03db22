"""The first tables."""

import sqlalchemy as sa
from alembic import op
import data.types


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", data.types.UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)

    op.create_table(
        "changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("at", data.types.UtcDateTime(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.create_index("ix_changes_at", ["at"], unique=False)
        batch_op.create_index("ix_changes_connection", ["connection_id", "at"], unique=False)

    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("created_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("key_check", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "lockouts",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("locked_until", data.types.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("subject"),
    )
    op.create_table(
        "metric_points",
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("followers", sa.BigInteger(), nullable=True),
        sa.Column("engagement_rate", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("connection_id", "day"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("vendor", sa.String(), nullable=False),
        sa.Column("contract", sa.String(), nullable=False),
        sa.Column("base_url", sa.String(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("removed_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("last_complete_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", data.types.UtcDateTime(), nullable=True),
        sa.Column("next_try_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("problem_kind", sa.String(), nullable=True),
        sa.Column("problem_message", sa.Text(), nullable=True),
        sa.Column("problem_action", sa.Text(), nullable=True),
        sa.Column("calls_left", sa.Integer(), nullable=True),
        sa.Column("calls_limit", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "totals",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("health", sa.String(), nullable=False),
        sa.Column("vanished", sa.Boolean(), nullable=False),
        sa.Column("connections", sa.Integer(), nullable=False),
        sa.Column("with_followers", sa.Integer(), nullable=False),
        sa.Column("followers", sa.BigInteger(), nullable=False),
        sa.Column("engaged_followers", sa.BigInteger(), nullable=False),
        sa.Column("engaged", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "day", "platform", "kind", "status", "health", "vanished"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("created_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("disabled_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("previous_visit_at", data.types.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("username"),
    )
    op.create_table(
        "connections",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("vendor_id", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("handle", sa.String(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("vendor_status", sa.String(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=True),
        sa.Column("health", sa.String(), nullable=False),
        sa.Column("health_reason", sa.String(), nullable=True),
        sa.Column("health_since", data.types.UtcDateTime(), nullable=True),
        sa.Column("followers", sa.BigInteger(), nullable=True),
        sa.Column("engagement_rate", sa.Float(), nullable=True),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("connected_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("last_updated", data.types.UtcDateTime(), nullable=True),
        sa.Column("expires_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.Column("sort_name", sa.String(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("first_seen_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("vanished_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("details_at", data.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["sources.id"],
        ),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
    )
    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.create_index("ix_connections_category", ["category"], unique=False)
        batch_op.create_index("ix_connections_connected", ["connected_at"], unique=False)
        batch_op.create_index("ix_connections_engagement", ["engagement_rate"], unique=False)
        batch_op.create_index("ix_connections_followers", ["followers"], unique=False)
        batch_op.create_index("ix_connections_handle", ["handle"], unique=False)
        batch_op.create_index("ix_connections_health", ["health"], unique=False)
        batch_op.create_index("ix_connections_name", ["sort_name"], unique=False)
        batch_op.create_index("ix_connections_platform", ["platform", "health"], unique=False)
        batch_op.create_index("ix_connections_source", ["source_id", "vanished_at"], unique=False)
        batch_op.create_index("ix_connections_source_health", ["source_id", "health"], unique=False)
        batch_op.create_index("ix_connections_status", ["status", "health"], unique=False)

    op.create_table(
        "drift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("sample", sa.Text(), nullable=True),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", data.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["sources.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source_id", "kind", "field"),
    )
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("connection_id", sa.String(), nullable=True),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.Column("began_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("ended_at", data.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["sources.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.create_index("ix_incidents_open", ["ended_at", "source_id"], unique=False)

    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("ticket_hash", sa.String(), nullable=True),
        sa.Column("ticket_until", data.types.UtcDateTime(), nullable=True),
        sa.Column("token_hash", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("created_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("expires_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("ended_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("ended_why", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ticket_hash"),
        sa.UniqueConstraint("token_hash"),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sessions_user_id"), ["user_id"], unique=False)

    op.create_table(
        "sync_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("trigger", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("observed_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("started_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("finished_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("lease_until", sa.Float(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("progress", sa.String(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("vanished", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("held_back", sa.Boolean(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("problem_kind", sa.String(), nullable=True),
        sa.Column("problem_message", sa.Text(), nullable=True),
        sa.Column("problem_action", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["sources.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("sync_runs", schema=None) as batch_op:
        batch_op.create_index("ix_sync_runs_source_started", ["source_id", "started_at"], unique=False)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("sync_runs", schema=None) as batch_op:
        batch_op.drop_index("ix_sync_runs_source_started")

    op.drop_table("sync_runs")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sessions_user_id"))

    op.drop_table("sessions")
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.drop_index("ix_incidents_open")

    op.drop_table("incidents")
    op.drop_table("drift")
    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.drop_index("ix_connections_status")
        batch_op.drop_index("ix_connections_source_health")
        batch_op.drop_index("ix_connections_source")
        batch_op.drop_index("ix_connections_platform")
        batch_op.drop_index("ix_connections_name")
        batch_op.drop_index("ix_connections_health")
        batch_op.drop_index("ix_connections_handle")
        batch_op.drop_index("ix_connections_followers")
        batch_op.drop_index("ix_connections_engagement")
        batch_op.drop_index("ix_connections_connected")
        batch_op.drop_index("ix_connections_category")

    op.drop_table("connections")
    op.drop_table("users")
    op.drop_table("totals")
    op.drop_table("sources")
    op.drop_table("metric_points")
    op.drop_table("lockouts")
    op.drop_table("installation")
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.drop_index("ix_changes_connection")
        batch_op.drop_index("ix_changes_at")

    op.drop_table("changes")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_at"))

    op.drop_table("audit")
