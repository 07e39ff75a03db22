"""The floor of an export: one query of the same columns in the same order, and `csv`, with nothing of ours."""

import csv
import json
import sqlite3
import sys
import time

COLUMNS = (
    *("c.id", "s.name", "s.vendor", "c.kind", "c.platform", "c.vendor_id", "c.external_id", "c.handle", "c.name"),
    *("c.url", "c.status", "c.vendor_status", "c.verified", "c.health", "c.followers", "c.engagement_rate"),
    *("c.category", "c.connected_at", "c.last_updated", "c.last_seen_at", "c.vanished_at", "c.growth", "c.suspect"),
)


def main(database: str, file: str) -> None:
    """Write the file once; print the seconds."""
    started = time.perf_counter()
    link = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    query = f"SELECT {', '.join(COLUMNS)} FROM connections c JOIN sources s ON s.id = c.source_id ORDER BY c.health, c.number"  # noqa: E501 (constants)
    with open(file, "w", encoding="utf-8", newline="") as opened:  # noqa: PTH123 (what most people would write)
        writer = csv.writer(opened)
        writer.writerow(COLUMNS)
        writer.writerows(link.execute(query))
    print(json.dumps({"seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
