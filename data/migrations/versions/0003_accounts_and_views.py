"""One account behind several connections, figures that are suspect, and saved views."""

import sqlalchemy as sa
from alembic import op

import data.types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS = (
    ("handle_key", sa.String()),
    ("platform_id", sa.String()),
    ("account", sa.BigInteger()),
    ("account_by", sa.String()),
    ("suspect", sa.String()),
    ("followers_since", data.types.UtcDateTime()),
    ("growth", sa.Float()),
    ("refusal", sa.String()),
    ("last_followers", sa.BigInteger()),
    ("last_engagement_rate", sa.Float()),
)
SORTED = ("kind", "verified")
PARTIAL = ("platform_id", "account", "growth", "suspect", "expires_at")

LAST = """
UPDATE connections SET last_{0} =
  (SELECT p.{0} FROM metric_points p WHERE p.connection_id = connections.id AND p.{0} IS NOT NULL
   ORDER BY p.day DESC LIMIT 1)
WHERE {0} IS NULL
"""
SINCE = """
UPDATE connections SET followers_since = coalesce(max(first_seen_at,
  (SELECT min(p.day) || ' 00:00:00.000000' FROM metric_points p
   WHERE p.connection_id = connections.id AND p.followers = coalesce(connections.followers, last_followers)
   AND p.day > coalesce((SELECT max(o.day) FROM metric_points o WHERE o.connection_id = connections.id
     AND o.followers <> coalesce(connections.followers, last_followers)), ''))), first_seen_at)
WHERE coalesce(followers, last_followers) IS NOT NULL
"""
REFUSAL = """
UPDATE connections SET refusal = health_reason
WHERE health = 'broken' AND (health_reason LIKE 'Late says %' OR health_reason LIKE 'Gipper says: %')
"""
HANDLE_KEYS = """
UPDATE connections SET handle_key =
  CASE WHEN handle GLOB '*[^ -~]*' THEN ltrim(handle, '@') ELSE lower(ltrim(handle, '@')) END
WHERE ltrim(handle, '@') <> '' AND handle NOT GLOB '[/: ]*' AND handle NOT GLOB '?*[@/: ]*'
  AND (url IS NULL OR ltrim(handle, '@') GLOB '*[^0-9]*')
"""
PLATFORM_IDS = """
UPDATE connections SET platform_id = external_id
WHERE length(external_id) >= 10 AND external_id NOT GLOB '*[^0-9]*'
  AND source_id IN (SELECT id FROM sources WHERE vendor IN ('gipper', 'highlevel', 'zocial'))
"""
ONCE = "UPDATE totals SET followers_once = followers WHERE (SELECT count(*) FROM sources) = 1"
MISSING = """
INSERT OR REPLACE INTO metric_points (connection_id, day)
SELECT c.id, coalesce(
  (SELECT date(min(r.observed_at)) FROM sync_runs r WHERE r.source_id = c.source_id AND r.state = 'ok'
   AND r.observed_at >= date(told.day, '+1 day')), told.day)
FROM connections c JOIN (SELECT connection_id, max(day) AS day FROM metric_points GROUP BY connection_id) told
  ON told.connection_id = c.id
WHERE c.followers IS NULL AND c.engagement_rate IS NULL
"""
SEARCH_INSERT = """
CREATE TRIGGER connections_search_insert AFTER INSERT ON connections BEGIN
INSERT INTO connections_search(rowid, search_text) VALUES (new.number, new.search_text); END
"""


def upgrade() -> None:
    """Apply; how long a figure has stood, or was missing, is taken from the points of each day."""
    for name, kind in COLUMNS:
        op.add_column("connections", sa.Column(name, kind, nullable=True))
    op.add_column("sources", sa.Column("joined_run", sa.Integer(), nullable=True))
    op.add_column("totals", sa.Column("followers_once", sa.BigInteger(), nullable=True))
    op.execute(ONCE)  # what several sources told together can't be told apart any more
    op.drop_index("ix_connections_handle", "connections")
    op.create_index("ix_connections_handle", "connections", ["handle_key"])
    op.execute(REFUSAL)
    failed = sa.text("state = 'failed'")
    op.create_index("ix_sync_runs_failed", "sync_runs", ["source_id", "observed_at"], sqlite_where=failed)
    op.create_index("ix_connections_first_seen", "connections", ["first_seen_at", "source_id"])
    for name in SORTED:
        op.create_index(f"ix_connections_{name}", "connections", [name, "health"])
    for name in PARTIAL:
        where = sa.text(f"{name} IS NOT NULL")
        fields = ["account", "health"] if name == "account" else [name]
        op.create_index(f"ix_connections_{name}", "connections", fields, sqlite_where=where)
    op.drop_index("ix_connections_source", "connections")
    gone = sa.text("vanished_at IS NOT NULL")
    op.create_index("ix_connections_vanished", "connections", ["source_id", "vanished_at"], sqlite_where=gone)
    if op.get_bind().dialect.name == "sqlite":
        for name in ("followers", "engagement_rate"):
            op.execute(LAST.format(name))
        op.execute(SINCE)
        op.execute(HANDLE_KEYS)  # for those never listed again; a handle that is an address waits for its next sync
        op.execute(PLATFORM_IDS)
        op.execute(MISSING)
        op.execute("DROP TRIGGER connections_search_insert")  # new rows are indexed by one statement for all of them
    op.create_table(
        "views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", data.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("owner_id", "name"),
    )


def downgrade() -> None:
    """Undo."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SEARCH_INSERT)
    op.drop_table("views")
    op.drop_column("sources", "joined_run")
    op.drop_column("totals", "followers_once")
    op.drop_index("ix_sync_runs_failed", "sync_runs")
    op.drop_index("ix_connections_handle", "connections")
    op.drop_index("ix_connections_first_seen", "connections")
    for name in (*PARTIAL, *SORTED):
        op.drop_index(f"ix_connections_{name}", "connections")
    op.drop_index("ix_connections_vanished", "connections")
    op.create_index("ix_connections_source", "connections", ["source_id", "vanished_at"])
    for name, _ in reversed(COLUMNS):
        op.drop_column("connections", name)
    op.create_index("ix_connections_handle", "connections", ["handle"])
