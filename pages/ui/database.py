"""What an admin should know of the database file, shown only when it matters."""

from pathlib import Path

import streamlit as st

from pages.ui import resources

SAFE = (3, 51, 3)
"""SQLite before it can corrupt a file when several processes write (its WAL-reset bug)."""
LARGE_WAL = 512 * 1024 * 1024


def _log_size(path: Path | None) -> int:
    log = path.with_name(path.name + "-wal") if path else None
    return log.stat().st_size if log and log.exists() else 0


def notes() -> None:
    """Say that the SQLite in use has the WAL-reset bug, or that the write-ahead log has grown large."""
    store = resources.desk().store
    version = store.sqlite_version()
    if version is not None and version < SAFE:
        dotted = ".".join(map(str, version))
        st.markdown(
            f":small[:orange[:material/database: SQLite {dotted} is older than 3.51.3:] :gray[with several processes "
            "on one database it can damage the file. Install the package pysqlite3, which brings a newer one.]]"
        )
    size = _log_size(store.path)
    if size > LARGE_WAL:
        st.markdown(
            f":small[:orange[:material/database: The write-ahead log has {size // 2**20:,} MB:] :gray[a reader "
            "holds it open. Restart Patchbay when nothing runs.]]"
        )
