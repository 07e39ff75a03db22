"""The floor of a first sync: download, `json.loads`, and one executemany upsert of the same rows into plain columns."""

import json
import sqlite3
import sys
import time
import urllib.request

COLUMNS = ("id", "network", "network_id", "network_url", "status", "followers", "verified", "connected_at")


def main(base_url: str, database: str) -> None:
    """Download and upsert once; print the seconds."""
    started = time.perf_counter()
    request = urllib.request.Request(f"{base_url}/api/get/networks/", data=b"", method="POST")
    with urllib.request.urlopen(request) as answer:
        rows = json.loads(answer.read())["networks"]
    link = sqlite3.connect(database, isolation_level=None)
    link.execute("PRAGMA journal_mode=wal")
    link.execute("PRAGMA synchronous=full")
    link.execute(f"CREATE TABLE IF NOT EXISTS networks ({', '.join(COLUMNS)}, PRIMARY KEY (id))")
    link.execute("BEGIN IMMEDIATE")
    updates = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])
    statement = f"INSERT INTO networks VALUES ({', '.join(f':{name}' for name in COLUMNS)}) ON CONFLICT(id) DO UPDATE SET {updates}"  # noqa: E501 (constants)
    link.executemany(statement, rows)
    link.execute("COMMIT")
    print(json.dumps({"seconds": time.perf_counter() - started, "rows": len(rows)}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
