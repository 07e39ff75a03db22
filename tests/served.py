"""An ASGI application on a real socket, and a plain HTTP client of it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
import uvicorn
from starlette.applications import Starlette


class Client(requests.Session):
    """A plain HTTP client of one origin."""

    def __init__(self, origin: str) -> None:
        super().__init__()
        self.origin = origin

    def request(self, method: Any, url: Any, *args: Any, **named: Any) -> requests.Response:
        """Ask for a path."""
        return super().request(method, self.origin + url, *args, timeout=10, **named)


@contextmanager
def served(app: Starlette) -> Iterator[Client]:
    """Serve an application for the length of a block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="websockets-sansio"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        with Client(f"http://127.0.0.1:{listener.getsockname()[1]}") as opened:
            yield opened
        server.should_exit = True
        thread.join()
