"""Alembic's entry: run the migrations on the connection that `upgrade` hands over."""

from alembic import context
from sqlmodel import SQLModel

import data.models  # noqa: F401 (fills the metadata)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
