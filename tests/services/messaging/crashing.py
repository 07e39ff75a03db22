"""Kills a process at each step of a send, over real HTTP, and counts what arrived at the vendor."""

import contextlib
import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests import processes

KILLED = -signal.SIGKILL
FORKS = """
import json, os, sys, threading
from sqlalchemy import event
from data.types import Role
from services import pretended
from services.access import Actor
from services.desk import open_desk
from services.messaging import leaving, lists, sending, wire

origin, body, mia = sys.argv[1], json.loads(sys.argv[2]), Actor("mia", Role.MARKETER)
pretended.answer_at(origin)

def die():
    os.kill(os.getpid(), 9)

def watched(desk, dies_at):
    counts = {"begin": 0, "commit": 0, "connect": 0}
    def met(name):
        counts[name] += 1
        if dies_at == f"{name} {counts[name]}":
            die()
    event.listen(desk.store.writer, "begin", lambda link: met("begin"))
    event.listen(desk.store.writer, "commit", lambda link: met("commit"))
    sys.addaudithook(lambda name, _arguments: met("connect") if name == "socket.connect" else None)

def send(desk, press, to):
    if isinstance(to, str):
        order = wire.Order(body, "imiconnect", to, press)
        sending.send(desk, mia, order, wire.prepare(desk, order).digest)
        return
    planned = lists.prepare(desk, press, body, "imiconnect", to)
    began = []
    lists.jobs.beside = lambda job, _name, _stop: began.append(job)
    lists.begin(desk, mia, planned)
    for job in began:
        job()

def child(press, to, dies_at):
    desk = open_desk()
    watched(desk, dies_at)
    if dies_at.startswith("after "):
        threading.Timer(float(dies_at.removeprefix("after ")), die).start()
    send(desk, press, to)
    if dies_at == "end":
        die()
    desk.store.close()

print("ready", flush=True)
for line in sys.stdin:
    pids = []
    settings, wanted = json.loads(line)
    for press, to, dies_at in wanted:
        pid = os.fork()
        if pid == 0:
            os.environ.update(settings)
            try:
                child(press, to, dies_at)
            except BaseException as error:
                print(repr(error), file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        pids.append(pid)
    print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]), flush=True)
"""


@dataclass
class Vendor:
    """A vendor that takes every message and counts them by correlation id; it can hold its answers back."""

    origin: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    going: threading.Event = field(default_factory=threading.Event)
    """Ends the waiting of whom it holds back."""

    @property
    def counts(self) -> Counter[str]:
        """How often each message arrived."""
        return Counter(body["correlationId"] for body in list(self.bodies))


@contextlib.contextmanager
def counting() -> Iterator[Vendor]:
    """Serve such a vendor for the length of a block."""
    kept = Vendor()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Take a message."""
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            kept.bodies.append(body)
            kept.going.wait(kept.seconds)
            told = {"acceptedTime": "now", "messageId": f"t-{body['correlationId']}"}
            answer = json.dumps(told | {"correlationId": body["correlationId"]}).encode()
            self.send_response(202)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            with contextlib.suppress(OSError):  # whoever asked may be dead by now
                self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    kept.origin = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Senders:
    """Forks processes that each send one press, or a list, and die where they are told to."""

    def __init__(self, origin: str, body: dict[str, Any]) -> None:
        self._process = processes.start(FORKS, origin, json.dumps(body))
        assert processes.said(self._process) == "ready"

    def send(self, *wanted: tuple[str, str | Sequence[str], str]) -> list[int]:
        """Let processes send at once, each (press, recipient or list of them, where it dies); gives how each ended."""
        assert self._process.stdin is not None
        settings = {name: value for name, value in os.environ.items() if name.startswith("PATCHBAY_")}
        self._process.stdin.write(json.dumps([settings, wanted]) + "\n")
        self._process.stdin.flush()
        found: list[int] = json.loads(processes.said(self._process))
        return found

    def close(self) -> str:
        """End them; gives what they complained of."""
        _, complaints = self._process.communicate(timeout=20)
        return complaints
