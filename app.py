"""The front door: the pages, the small routes beside them and the background jobs, in one process.

`python app.py` serves it, with fast reruns; `streamlit run app.py` and `uvicorn app:app` work too.
"""

import contextlib
import gc
import importlib
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send
from streamlit import config

from data.errors import DatabaseProblem
from pages.ui import failures, menu
from services import audit, downloads, front, front_page, headers, jobs, logs, people, pretended, sandbox
from services import desk as desks
from services.approvals import work as approvals_work
from services.connecting import routes as connecting
from services.failures import Failure
from services.messaging import images, recipients
from services.settings import is_loopback
from services.webhooks import routes as hooks

ROOT = Path(__file__).resolve().parent
INDEX = Path(st.__file__).parent / "static" / "index.html"
CONTROL = "/_control"
LONGEST_START = 10.0  # seconds until the jobs begin even if the port was not seen to answer
LONGEST_GOODBYE = 2  # seconds that an open request may take after the signal

if config._main_script_path is None:  # noqa: SLF001 (what `streamlit run` does: config.toml is found beside this file)
    config._main_script_path = str(ROOT / "app.py")  # noqa: SLF001 (as above)

_sandbox: list[sandbox.Sandbox] = []


async def _door_to_sandbox(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve the pretended vendors while they are on; steering them is for this machine alone."""
    if _sandbox and CONTROL in scope["path"] and not front.steers_from_here(scope, desks.current().settings.public_url):
        await Response("The sandbox is steered from its own machine only.", status_code=403)(scope, receive, send)
    elif _sandbox:
        await _sandbox[0].app(scope, receive, send)
    else:
        await Response("The sandbox is off.", status_code=404)(scope, receive, send)


async def _server_error(_request: Request, _error: Exception) -> Response:
    """Answer an error of a route; Starlette logs it and sends this past the middleware, hence the headers."""
    public_url = desks.current().settings.public_url
    return JSONResponse(
        {"error": "Something went wrong."}, status_code=500, headers=headers.security_headers(INDEX, public_url)
    )


def _open() -> desks.Desk:
    """Open the desk before anything is served. Raises Failure or DatabaseProblem."""
    desk = desks.current()
    people.ensure_demo_people(desk)
    recipients.ensure_demo_recipients(desk)
    approvals_work.take_up(desk)
    explicit = desk.settings.public_url if "public_url" in desk.settings.model_fields_set else None
    origin = front.serve_at(config.get_option("server.address") or "", config.get_option("server.port"), explicit)
    if desk.settings.demo:
        _sandbox[:] = [sandbox.Sandbox()]
        _sandbox[0].tell(origin, desk.settings.public_url)
        pretended.answer_at(origin)
    return desk


async def _listening(origin: str) -> None:
    """Wait until the port answers: the demo is filled from the pretended vendors behind it."""
    parts = urlsplit(origin)
    with anyio.move_on_after(LONGEST_START):
        while True:
            try:
                stream = await anyio.connect_tcp(parts.hostname or "", parts.port or 80)
            except OSError:
                await anyio.sleep(0.05)
            else:
                await stream.aclose()
                return


def _warm_up() -> None:
    """Import what the first page with a chart would wait for, and keep it out of every later collection."""
    for name in ("pandas", "pyarrow", "altair"):
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


async def _behind_the_door(desk: desks.Desk, work: contextlib.ExitStack) -> None:
    """Once the port listens: start the jobs and import the heavy libraries, each beside the event loop."""
    await _listening(front.own_origin())
    clock = _sandbox[0].clock if _sandbox else None
    work.enter_context(jobs.running(desk, clock))
    await anyio.to_thread.run_sync(_warm_up)
    await anyio.to_thread.run_sync(audit.anchor, desk)


@contextlib.asynccontextmanager
async def _lifespan(_app: st.App) -> AsyncIterator[None]:
    logs.configure()
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)  # addresses of requests hold what people searched
    try:
        desk = await anyio.to_thread.run_sync(_open)
    except (Failure, DatabaseProblem) as problem:
        sys.stderr.write(_sentence(problem) + "\n")
        sys.stderr.flush()
        os._exit(1)  # another server's own start: an exception would bury the sentence under a stack trace
    gc.collect()
    gc.freeze()
    with contextlib.ExitStack() as work:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_behind_the_door, desk, work)
            yield
            tasks.cancel_scope.cancel()
    for pretended_vendors in _sandbox:
        pretended_vendors.close()
    await anyio.to_thread.run_sync(audit.anchor, desk)


def _sentence(problem: Failure | DatabaseProblem) -> str:
    return f"Patchbay can't start. {problem.message}\n{problem.advice}"


app = st.App(
    ROOT / "pages" / "shell.py",
    lifespan=_lifespan,
    routes=[
        *front.routes(),
        *downloads.routes(),
        *connecting.routes(),
        *hooks.routes(),
        *images.routes(),
        *front_page.routes(INDEX, menu.addresses()),
        Mount("/sandbox", app=_door_to_sandbox),
    ],
    middleware=[
        Middleware(headers.SecurityHeaders, index=INDEX, public_url=lambda: desks.current().settings.public_url),
        Middleware(front.MembersOnly),
    ],
    on_script_error=failures.show,
    exception_handlers={Exception: _server_error},
)


def _refuse_taken(address: str, port: int) -> None:
    """See that the port is free before anything starts. Raises Failure."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        socket.create_server((address, port), family=family).close()
    except OSError as error:
        message = f"Port {port} at {address} can't be used: {error.strerror}."
        raise Failure("port", message, "Stop what uses it, or change server.port in .streamlit/config.toml.") from error


class _Server(uvicorn.Server):
    """Tells the jobs to stop at the first signal, while the open pages are still being closed."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Hear a signal."""
        if not self.should_exit:
            jobs.stop()
        super().handle_exit(sig, frame)


def _behind_proxy(public_url: str) -> bool:
    """Tell whether a proxy on this machine may say who is asking: only when Patchbay is reached elsewhere."""
    return not is_loopback(urlsplit(public_url).hostname)


def main() -> None:
    """Check everything, then serve. What is wrong is a sentence on stderr and exit code 1."""
    address, port = config.get_option("server.address") or "127.0.0.1", config.get_option("server.port")
    try:
        _refuse_taken(address, port)
        desk = desks.current()
    except (Failure, DatabaseProblem) as problem:
        sys.exit(_sentence(problem))
    sys.stderr.write(f"Patchbay: http://{address}:{port}\n")
    served = uvicorn.Config(
        app,
        host=address,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=_behind_proxy(desk.settings.public_url),
        ws_max_size=config.get_option("server.maxMessageSize") * 1024 * 1024,
        timeout_graceful_shutdown=LONGEST_GOODBYE,
    )
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C, once everything is closed
        _Server(served).run()


if __name__ == "__main__":
    main()
