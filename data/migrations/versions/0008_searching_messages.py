"""Search any part of a sent message or of its id at the vendor: a trigram index kept by triggers (SQLite)."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NEW = "INSERT INTO messages_search(rowid, search_text, transid) VALUES (new.id, new.search_text, new.transid); "
OLD = (
    "INSERT INTO messages_search(messages_search, rowid, search_text, transid) "
    "VALUES ('delete', old.id, old.search_text, old.transid); "
)
STATEMENTS = (
    "CREATE VIRTUAL TABLE messages_search USING fts5("
    "search_text, transid, content='messages', content_rowid='id', tokenize='trigram', detail='full')",
    f"CREATE TRIGGER messages_search_insert AFTER INSERT ON messages BEGIN {NEW}END",
    f"CREATE TRIGGER messages_search_delete AFTER DELETE ON messages BEGIN {OLD}END",
    "CREATE TRIGGER messages_search_update AFTER UPDATE OF search_text, transid ON messages "
    "WHEN old.search_text IS NOT new.search_text OR old.transid IS NOT new.transid "
    f"BEGIN {OLD}{NEW}END",
    "INSERT INTO messages_search(messages_search) VALUES ('rebuild')",
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
            op.execute(f"DROP TRIGGER messages_search_{name}")
        op.execute("DROP TABLE messages_search")
