"""A Zocial that lists as many networks as asked, from memory, in a process of its own."""

import json
import sys
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PLATFORMS = ("instagram", "facebook", "twitter", "youtube", "tiktok", "linkedin", "pinterest")
STATUSES = ("accepted", "accepted", "accepted", "pending", "rejected", "suspended", "disconnected")
LISTS = {
    "/api/get/social-pages/": b'{"pages": []}',
    "/api/get/social-walls/": b'{"walls": []}',
    "/api/get/social-channels/": b'{"channels": []}',
}


def networks(count: int) -> bytes:
    """Write the document's Get Networks answer with `count` invented networks."""
    first = datetime(2024, 1, 1, tzinfo=UTC)
    rows = [
        {
            "id": number,
            "network": PLATFORMS[number % 7],
            "network_id": f"brand{number}",
            "network_url": f"https://social.example/brand{number}",
            "status": STATUSES[number % 7],
            "followers": number * 37 % 900_000,
            "verified": number % 5 == 0,
            "connected_at": f"{first + timedelta(minutes=number):%Y-%m-%dT%H:%M:%SZ}",
        }
        for number in range(1, count + 1)
    ]
    return json.dumps({"networks": rows}).encode()


class Handler(BaseHTTPRequestHandler):
    """Answers the four list reads."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # as any real server: else the second small answer waits 40 ms for an ACK
    answers: dict[str, bytes]

    def do_POST(self) -> None:
        """Answer one list; there is nothing else."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = self.answers.get(self.path)
        if body is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


if __name__ == "__main__":
    Handler.answers = LISTS | {"/api/get/networks/": networks(int(sys.argv[1]))}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
