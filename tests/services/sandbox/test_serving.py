"""One layout of addresses, alone and mounted in another application; nothing is left behind."""

import socket
import threading
from urllib.parse import urlsplit

import pytest
import requests
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.sandbox import Sandbox, credentials, serve

HEADERS = {"Authorization": f"Bearer {credentials()['zocial']['token']}"}
NETWORKS = "/sandbox/zocial/api/get/networks/"


class AddsHeader:
    """A middleware that wraps `send`, as the application around the sandbox does."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""

        async def wrapped(message: Message) -> None:
            await send(message)

        await self._app(scope, receive, wrapped)


def mounted(sandbox: Sandbox) -> tuple[uvicorn.Server, threading.Thread, socket.socket]:
    app = Starlette(routes=[Mount("/sandbox", app=sandbox.app)], middleware=[Middleware(AddsHeader)])
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    return server, thread, listener


def test_the_same_addresses_work_mounted_and_raw_faults_reach_the_socket(http: requests.Session) -> None:
    sandbox = Sandbox()
    server, thread, listener = mounted(sandbox)
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        assert http.post(origin + NETWORKS, headers=HEADERS, timeout=5).status_code == 200
        sandbox.faults.plan("zocial", "networks", kind="reset")
        with pytest.raises(requests.ConnectionError, match="reset"):
            http.post(origin + NETWORKS, headers=HEADERS, timeout=5)
        sandbox.faults.plan("zocial", "networks", kind="cut")
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            http.post(origin + NETWORKS, headers=HEADERS, timeout=5)
        assert http.get(origin + "/sandbox/static/consent.js", timeout=5).status_code == 200
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
        sandbox.close()
    sandbox.faults.assert_all_met()


def test_a_chosen_port_is_used_and_a_taken_one_is_an_error(http: requests.Session) -> None:
    with serve(Sandbox()) as origin:
        port = urlsplit(origin).port
        assert port is not None
        with pytest.raises(OSError, match="in use"), serve(Sandbox(), port=port):
            pass
    with serve(Sandbox(), port=port) as again:
        assert again == origin
        assert http.post(again + NETWORKS, headers=HEADERS, timeout=5).status_code == 200


def test_an_unknown_vendor_is_not_found(origin: str, http: requests.Session) -> None:
    assert http.get(origin + "/sandbox/myspace/api", timeout=5).status_code == 404


def test_a_huge_request_is_refused(origin: str, http: requests.Session) -> None:
    answer = http.post(
        origin + "/sandbox/zocial/api/network/status/", data=b"x" * (9 << 20), headers=HEADERS, timeout=5
    )
    assert answer.status_code == 413
