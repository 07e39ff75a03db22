"""Messages: test recipients, drafts, templates, what was sent, and what became of it."""

import sqlalchemy as sa
from alembic import op

import data.types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEPT = sa.text("removed_at IS NULL")
LEAVING = sa.text("state IN ('posting', 'reserved')")


def upgrade() -> None:
    """Apply."""
    _recipients()
    _drafts()
    _templates()
    _sendings()
    _messages()
    _events()


def _text(name: str, *, null: bool = False, long: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text() if long else sa.String(), nullable=null)


def _instant(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, data.types.UtcDateTime(), nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=null)


def _index_some(table: str, name: str, columns: list[str], where: sa.TextClause, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)


def _recipients() -> None:
    op.create_table(
        "recipients",
        _number("id"),
        *(_text(name) for name in ("name", "name_key", "igsid")),
        sa.Column("variables", sa.JSON(), nullable=False),
        _text("consent", long=True),
        _text("created_by"),
        *(_instant(name) for name in ("created_at", "changed_at")),
        _instant("removed_at", null=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    _index_some("recipients", "ix_recipients_igsid", ["igsid"], KEPT, unique=True)
    _index_some("recipients", "ix_recipients_name", ["name_key"], KEPT, unique=True)


def _drafts() -> None:
    op.create_table(
        "drafts",
        *(_text(name) for name in ("id", "owner")),
        *(_number(name, null=True) for name in ("source_id", "recipient_id")),
        sa.Column("body", sa.JSON(), nullable=False),
        _number("version"),
        _text("press"),
        *(_instant(name) for name in ("created_at", "saved_at")),
        _text("saved_by"),
        _instant("removed_at", null=True),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipients.id"]),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("press"),
    )
    _index_some("drafts", "ix_drafts_owner", ["owner", "saved_at"], KEPT)
    _index_some("drafts", "ix_drafts_saved", ["saved_at"], KEPT)


def _templates() -> None:
    op.create_table(
        "message_templates",
        _number("id"),
        *(_text(name) for name in ("name", "name_key")),
        sa.Column("body", sa.JSON(), nullable=False),
        _number("version"),
        _text("created_by"),
        _instant("created_at"),
        _text("saved_by"),
        _instant("saved_at"),
        _instant("removed_at", null=True),
        sa.PrimaryKeyConstraint("id"),
    )
    _index_some("message_templates", "ix_message_templates_name", ["name_key"], KEPT, unique=True)


def _sendings() -> None:
    op.create_table(
        "sendings",
        _number("id"),
        _text("press"),
        _number("source_id"),
        *(_text(name) for name in ("person", "state")),
        _number("total"),
        _instant("began_at"),
        _instant("ended_at", null=True),
        _text("stopped_by", null=True),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("press"),
        sqlite_autoincrement=True,
    )


def _messages() -> None:
    op.create_table(
        "messages",
        _number("id"),
        _text("press"),
        *(_number(name) for name in ("source_id", "recipient_id")),
        *(_text(name) for name in ("recipient", "to", "family")),
        sa.Column("payload", sa.JSON(), nullable=False),
        *(_text(name) for name in ("digest", "correlation_id")),
        _text("search_text", long=True),
        _text("person"),
        _text("draft_id", null=True),
        *(_number(name, null=True) for name in ("sending_id", "attempt_of")),
        _text("state"),
        *(_text(name, null=True) for name in ("transid", "code")),
        *(_text(name, null=True, long=True) for name in ("reason", "advice")),
        _text("sent_by"),
        sa.Column("sent_until", sa.Float(), nullable=False),
        *(_instant(name) for name in ("created_at", "changed_at")),
        *(
            _instant(f"{name}_at", null=True)
            for name in ("posting", "answered", "submitted", "delivered", "read", "failed", "heard")
        ),
        sa.ForeignKeyConstraint(["attempt_of"], ["messages.id"]),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipients.id"]),
        sa.ForeignKeyConstraint(["sending_id"], ["sendings.id"]),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("press"),
        sqlite_autoincrement=True,
    )
    for name in ("state", "family", "person", "source_id", "recipient_id", "correlation_id", "created_at"):
        op.create_index(f"ix_messages_{name.removesuffix('_id').removesuffix('_at')}", "messages", [name, "id"])
    for name in ("sending_id", "draft_id"):
        some = sa.text(f"{name} IS NOT NULL")
        op.create_index(f"ix_messages_{name.removesuffix('_id')}", "messages", [name, "id"], sqlite_where=some)
    for name in ("transid", "attempt_of"):
        some = sa.text(f"{name} IS NOT NULL")
        op.create_index(f"ix_messages_{name.removesuffix('_of')}", "messages", [name], sqlite_where=some)
    _index_some("messages", "ix_messages_leaving", ["state", "id"], LEAVING)


def _events() -> None:
    op.create_table(
        "message_events",
        *(_number(name) for name in ("id", "message_id")),
        _instant("at"),
        _instant("told_at", null=True),
        _text("by"),
        _text("before", null=True),
        _text("after"),
        sa.Column("moved", sa.Boolean(), nullable=False),
        _text("code", null=True),
        _text("words", long=True),
        _number("inbox_id", null=True),
        _text("raw", null=True, long=True),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("message_id", "inbox_id"),
    )
    op.create_index("ix_message_events_message", "message_events", ["message_id", "id"])


def downgrade() -> None:
    """Undo."""
    for name in ("message_events", "messages", "sendings", "message_templates", "drafts", "recipients"):
        op.drop_table(name)
