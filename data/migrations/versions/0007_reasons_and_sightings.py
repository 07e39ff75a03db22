"""Why a health was what it was, kept; sorting by when a connection was last seen; no index for what is not told."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

import data.types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SPARSE = (("ix_connections_engagement", "engagement_rate"), ("ix_connections_category", "category"))
"""Most connections do not tell these: an index need not hold that they don't."""


def upgrade() -> None:
    """Apply."""
    _reasons()
    for name, column in SPARSE:
        op.drop_index(name, "connections")
        _index_some(name, [column], f"{column} IS NOT NULL")
    op.create_index("ix_connections_seen", "connections", ["source_id", "last_seen_at"])
    _index_some("ix_connections_gone", ["last_seen_at"], "vanished_at IS NOT NULL")


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_connections_gone", "connections")
    op.drop_index("ix_connections_seen", "connections")
    for name, column in SPARSE:
        op.drop_index(name, "connections")
        op.create_index(name, "connections", [column])
    op.drop_column("installation", "reasons_since")
    op.drop_table("health_reasons")


def _reasons() -> None:
    """Keep reasons from now on: of what was before, an older database says so."""
    op.create_table(
        "health_reasons",
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("until", data.types.UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("connection_id", "until"),
        sqlite_with_rowid=False,
    )
    op.add_column("installation", sa.Column("reasons_since", data.types.UtcDateTime(), nullable=True))
    table = sa.table("installation", sa.column("reasons_since", data.types.UtcDateTime()))
    op.execute(sa.update(table).values(reasons_since=datetime.now(UTC)))


def _index_some(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        name, "connections", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )
