"""An imiconnect that takes messages in a process of its own: it answers in 50 ms, and refuses more than 50 a second."""

import json
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

PER_SECOND, SECONDS = 50, 0.05


class Handler(BaseHTTPRequestHandler):
    """Takes every message that the limit allows."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    turn = threading.Lock()
    times: ClassVar[deque[float]] = deque()
    pause = threading.Event()

    def do_POST(self) -> None:
        """Take a message, or refuse it with the vendor's code of its limit."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        taken = self.takes()
        self.pause.wait(SECONDS)
        told = {"messageId": f"t-{body['correlationId']}", "correlationId": body["correlationId"]}
        answer = json.dumps(told if taken else {"code": "7020", "message": "Transaction limit reached"}).encode()
        self.send_response(202 if taken else 400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    @classmethod
    def takes(cls) -> bool:
        """Count a message, unless so many came within the last second."""
        with cls.turn:
            now = time.monotonic()
            while cls.times and cls.times[0] <= now - 1.0:
                cls.times.popleft()
            taken = len(cls.times) < PER_SECOND
            if taken:
                cls.times.append(now)
            return taken

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    server.serve_forever()
