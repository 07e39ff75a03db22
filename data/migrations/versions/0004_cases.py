"""Cases, their story, who stands in for whom, and the rules that approvals go by."""

import sqlalchemy as sa
from alembic import op

import data.types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STATES = ("approved", "changes_requested", "held", "requested", "submitted", "submitting", "unknown")
ASKED = [
    *("state", "platform", "kind", "source_id", "requested_by", "assignee", "due_at", "flagged_at", "escalated_at"),
    *("decision", "vendor_word", "search_text"),
]
UNLINKED = sa.text("sent_source_id IS NOT NULL AND listed_id IS NULL")
ACTIVE = sa.text(f"state IN ({', '.join(repr(state) for state in STATES)})")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=True),
        sa.Column("listed_id", sa.String(), nullable=True),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=True),
        sa.Column("handle_key", sa.String(), nullable=True),
        sa.Column("account_key", sa.String(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("followers", sa.BigInteger(), nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("requested_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("due_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("reminded_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("flagged_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("escalated_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("assignee", sa.String(), nullable=True),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("first_by", sa.String(), nullable=True),
        sa.Column("sent_source_id", sa.Integer(), nullable=True),
        sa.Column("sent_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("sent_as", sa.String(), nullable=True),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.Column("sent_until", sa.Float(), nullable=False),
        sa.Column("waits_after", sa.Integer(), nullable=True),
        sa.Column("approval_id", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("code_field", sa.String(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("vendor_word", sa.String(), nullable=True),
        sa.Column("vendor_word_at", data.types.UtcDateTime(), nullable=True),
        sa.Column("changed_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("difference", sa.JSON(), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"]),
        sa.ForeignKeyConstraint(["sent_source_id"], ["sources.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_cases_account", "cases", ["account_key"])
    op.create_index("ix_cases_active_account", "cases", ["account_key"], unique=True, sqlite_where=ACTIVE, postgresql_where=ACTIVE)
    op.create_index("ix_cases_active_connection", "cases", ["connection_id"], unique=True, sqlite_where=ACTIVE, postgresql_where=ACTIVE)
    op.create_index("ix_cases_assignee", "cases", ["assignee"], sqlite_where=sa.text("assignee IS NOT NULL"))
    op.create_index("ix_cases_connection", "cases", ["connection_id"])
    op.create_index("ix_cases_asked", "cases", ASKED)
    op.create_index("ix_cases_changed", "cases", ["state", "changed_at"])
    op.create_index("ix_cases_decided", "cases", ["state", "decided_at"])
    op.create_index("ix_cases_due", "cases", ["state", "due_at"])
    op.create_index("ix_cases_followers", "cases", ["state", "followers"])
    op.create_index("ix_cases_handle", "cases", ["state", "handle_key"])
    op.create_index("ix_cases_listed", "cases", ["listed_id"], sqlite_where=sa.text("listed_id IS NOT NULL"))
    op.create_index("ix_cases_reopened", "cases", ["state"], sqlite_where=sa.text("difference IS NOT NULL"))
    op.create_index("ix_cases_requested_by", "cases", ["requested_by"])
    op.create_index("ix_cases_state", "cases", ["state", "requested_at"])
    op.create_index("ix_cases_unlinked", "cases", ["sent_source_id"], sqlite_where=UNLINKED)
    op.create_table(
        "case_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("at", data.types.UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=True),
        sa.Column("told", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_case_events_at", "case_events", ["at", "action", "before", "after"])
    op.create_index("ix_case_events_case", "case_events", ["case_id", "id"])
    op.create_table(
        "delegations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("away", sa.String(), nullable=False),
        sa.Column("delegate", sa.String(), nullable=False),
        sa.Column("since", data.types.UtcDateTime(), nullable=False),
        sa.Column("until", data.types.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", data.types.UtcDateTime(), nullable=False),
        sa.Column("ended_at", data.types.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_delegations_until", "delegations", ["until"])
    op.create_table(
        "case_rules",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", data.types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    """Undo."""
    for name in ("case_rules", "delegations", "case_events", "cases"):
        op.drop_table(name)
