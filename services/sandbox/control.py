"""The control routes under `/sandbox/_control/`: log, faults, clock and switches, for demos and outside tests."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.sandbox.answers import say
from services.sandbox.clock import Clock
from services.sandbox.faults import Faults
from services.sandbox.highlevel import START_MODES, HighLevel
from services.sandbox.imiconnect import ANSWER_FAMILIES, Imiconnect
from services.sandbox.imiconnect_scripts import SCRIPTS
from services.sandbox.kit import json_object
from services.sandbox.late import WEBHOOK_SECRET, Late
from services.sandbox.late_book import Webhook
from services.sandbox.log import Log


class Control:
    """What steers a running sandbox from outside; never part of a vendor."""

    def __init__(
        self, *, clock: Clock, faults: Faults, log: Log, highlevel: HighLevel, late: Late, imiconnect: Imiconnect
    ) -> None:
        self._clock = clock
        self._faults = faults
        self._log = log
        self._highlevel = highlevel
        self._late = late
        self._imiconnect = imiconnect

    def routes(self) -> list[Route]:
        """All control routes."""
        table: dict[str, tuple[Callable[[Request], Any], list[str]]] = {
            "log": (self._on_log, ["GET", "DELETE"]),
            "faults": (self._on_faults, ["GET", "POST", "DELETE"]),
            "clock": (self._on_clock, ["GET", "POST", "DELETE"]),
            "late/webhook": (self._on_webhook, ["POST", "DELETE"]),
            "imiconnect": (self._on_imiconnect, ["POST"]),
            "imiconnect/script": (self._on_script, ["POST"]),
            "highlevel": (self._on_highlevel, ["POST"]),
        }
        return [Route(f"/_control/{name}", endpoint, methods=methods) for name, (endpoint, methods) in table.items()]

    async def _on_log(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._log.clear()
            return Response(status_code=204)
        return JSONResponse([entry.as_json() for entry in self._log.entries()])

    async def _on_faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._faults.clear()
            return Response(status_code=204)
        if request.method == "GET":
            return say(200, [fault.as_json() for fault in self._faults.planned()])
        wanted = await json_object(request) or {}
        try:
            vendor, target = str(wanted.pop("vendor")), str(wanted.pop("target"))
            fault = self._faults.plan(vendor, target, **wanted)
        except (KeyError, TypeError, ValueError):
            return _refused("A fault needs a known vendor, a target (path or operation) and a known kind.")
        return say(201, fault.as_json())

    async def _on_clock(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._clock.release()
        elif request.method == "POST":
            wanted = await json_object(request) or {}
            try:
                self._clock.set(datetime.fromisoformat(str(wanted.get("now"))))
            except ValueError:
                return _refused("The clock needs `now`: an ISO instant with a zone.")
        return say(200, {"now": self._clock.now().isoformat(), "is_set": self._clock.is_set})

    async def _on_webhook(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._late.book.webhook = None
            return Response(status_code=204)
        wanted = await json_object(request) or {}
        secret = wanted.get("secret", WEBHOOK_SECRET)
        self._late.book.webhook = Webhook(str(wanted.get("url", "")), str(secret or ""))
        return say(201, {"registered": True, "signed": bool(secret)})

    async def _on_imiconnect(self, request: Request) -> Response:
        wanted = await json_object(request) or {}
        if wanted.get("family", "v1") not in ANSWER_FAMILIES or wanted.get("script", "read") not in SCRIPTS:
            return _refused(f"family is one of {', '.join(ANSWER_FAMILIES)}; script one of {', '.join(SCRIPTS)}.")
        self._imiconnect.family = wanted.get("family", self._imiconnect.family)
        receipts = self._imiconnect.receipts
        receipts.chosen.usual = wanted.get("script", receipts.chosen.usual)
        for name in ("first", "step", "late", "afterwards"):
            setattr(receipts.pace, name, float(wanted.get(name, getattr(receipts.pace, name))))
        return say(200, {"family": self._imiconnect.family, "script": receipts.chosen.usual})

    async def _on_script(self, request: Request) -> Response:
        wanted = await json_object(request) or {}
        message, script = str(wanted.get("message", "")), str(wanted.get("script", ""))
        try:
            self._imiconnect.receipts.chosen.choose(message, script)
        except ValueError as error:
            return _refused(str(error))
        return say(201, {"message": message, "script": script})

    async def _on_highlevel(self, request: Request) -> Response:
        wanted = await json_object(request) or {}
        mode, spelling = wanted.get("start_mode", "redirect"), wanted.get("event_page", "social_media_posting")
        if mode not in START_MODES or spelling not in {"social_media_posting", "social-media-posting"}:
            return _refused(f"start_mode is one of {', '.join(START_MODES)}; event_page one of both spellings.")
        lapsed = wanted.get("lapsed", [])
        if not isinstance(lapsed, list) or not all(self._highlevel.book.lapse(str(each)) for each in lapsed):
            return _refused("lapsed is a list of ids that HighLevel has listed since before any consent.")
        self._highlevel.start_mode, self._highlevel.event_page = mode, spelling
        self._highlevel.cuts_opener = wanted.get("cuts_opener") is True
        return say(200, {"start_mode": mode, "event_page": spelling, "cuts_opener": self._highlevel.cuts_opener})


def _refused(message: str) -> Response:
    return say(400, {"error": message})
