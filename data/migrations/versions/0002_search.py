"""Search any part of a name or handle: a trigram index kept by triggers (SQLite)."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATEMENTS = (
    "CREATE VIRTUAL TABLE connections_search USING fts5("
    "search_text, content='connections', content_rowid='number', tokenize='trigram', detail='full')",
    "CREATE TRIGGER connections_search_insert AFTER INSERT ON connections BEGIN "
    "INSERT INTO connections_search(rowid, search_text) VALUES (new.number, new.search_text); END",
    "CREATE TRIGGER connections_search_delete AFTER DELETE ON connections BEGIN "
    "INSERT INTO connections_search(connections_search, rowid, search_text) "
    "VALUES ('delete', old.number, old.search_text); END",
    "CREATE TRIGGER connections_search_update AFTER UPDATE OF search_text ON connections "
    "WHEN old.search_text IS NOT new.search_text BEGIN "
    "INSERT INTO connections_search(connections_search, rowid, search_text) "
    "VALUES ('delete', old.number, old.search_text); "
    "INSERT INTO connections_search(rowid, search_text) VALUES (new.number, new.search_text); END",
)


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name == "sqlite":
        for statement in STATEMENTS:
            op.execute(statement)


def downgrade() -> None:
    """Undo."""
    if op.get_bind().dialect.name == "sqlite":
        for name in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER connections_search_{name}")
        op.execute("DROP TABLE connections_search")
