"""Serving the sandbox over a real socket: in a thread for tests and commands, or blocking on its own."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import uvicorn

from services.sandbox.sandbox import Sandbox

_HOST = "127.0.0.1"
_START_SECONDS = 10.0


@contextlib.contextmanager
def serve(sandbox: Sandbox, port: int = 0) -> Iterator[str]:
    """Serve in a thread on 127.0.0.1 (port 0: a free one); yields the origin, for example `http://127.0.0.1:40123`.

    Raises OSError when the port is taken. Closes the sandbox at the end.
    """
    listener = _listen(port)
    server = uvicorn.Server(_config(sandbox))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True)
    thread.start()
    try:
        _wait_until_started(server, thread)
        yield f"http://{_HOST}:{listener.getsockname()[1]}"
    finally:
        sandbox.close()
        server.should_exit = True
        thread.join(_START_SECONDS)
        listener.close()


def run(port: int, *, ready: Callable[[str], None] | None = None) -> None:
    """Serve a sandbox of its own on 127.0.0.1 until interrupted; `ready` is told the origin once the port listens.

    Raises OSError when the port is taken.
    """
    sandbox = Sandbox()
    listener = _listen(port)
    try:
        if ready is not None:
            ready(f"http://{_HOST}:{listener.getsockname()[1]}")
        uvicorn.Server(_config(sandbox)).run(sockets=[listener])
    finally:
        sandbox.close()
        listener.close()


def _listen(port: int) -> socket.socket:
    # The protocol is named because asyncio sets TCP_NODELAY only then; without it every answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
        listener.listen(512)
    except OSError:
        listener.close()
        raise
    return listener


def _config(sandbox: Sandbox) -> uvicorn.Config:
    return uvicorn.Config(
        sandbox.app, http="h11", ws="none", lifespan="off", log_config=None, access_log=False,
        timeout_graceful_shutdown=2, h11_max_incomplete_event_size=1 << 20,
    )  # fmt: skip


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("The sandbox did not start.")
        thread.join(0.005)
