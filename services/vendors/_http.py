"""Talking to a vendor over HTTP: `_talk` sends a request, `_judge` says what an answer means, `_pace` how fast we call.

Rules, from the contracts: a call ends within 30 s, with retries within 75 s; only reads are retried; no redirect is
followed; JSON is believed only under a JSON Content-Type; an answer over 64 MiB is refused while reading; credentials
travel in headers only and never reach a log, an error or a repr.
"""

from __future__ import annotations

import logging
import random
import threading
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException, IncompleteRead, RemoteDisconnected
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final, NoReturn

import requests
import urllib3
from requests.adapters import HTTPAdapter

from services.vendors import _judge, _wire, errors
from services.vendors._address import base_address, is_loopback, web_address
from services.vendors._call import Answer, Call, Mode, Timing
from services.vendors._json import decode, is_json
from services.vendors._judge import Dialect, Refusal, common, words
from services.vendors._pace import LONGEST_SLEEP, Pace, TooLong, spoken

__all__ = [
    "Answer",
    "Dialect",
    "Http",
    "Mode",
    "Pace",
    "Refusal",
    "Timing",
    "base_address",
    "common",
    "decode",
    "is_loopback",
    "web_address",
    "words",
]

logging.getLogger("urllib3").setLevel(logging.CRITICAL)  # it logs addresses with their query
_dice = random.Random()  # noqa: S311 - for jitter; its own, so that no thread moves the state that others share

BODY_LIMIT: Final = 64 * 1024 * 1024
_ERROR_BODY_LIMIT: Final = 1024 * 1024
_CHUNK: Final = 64 * 1024
_REDIRECT, _CLIENT_ERROR = 300, 400


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)


class _Session(requests.Session):
    """A session that keeps no cookie, reads no environment and follows nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter())

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere: else `requests` reads a redirect's whole body, without a limit."""


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _wire.POOLS


class Http:
    """One vendor's HTTP side: its base URL, credential headers, pace and timing; one session per thread."""

    def __init__(
        self, base_url: str, *, vendor: str, headers: Mapping[str, str], pace: Pace, timing: Timing | None = None
    ) -> None:
        self.base_url = base_address(base_url)
        self.vendor = vendor
        self.pace = pace
        self._timing = timing or Timing()
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "User-Agent": "Patchbay",
            **{name: _header(name, value) for name, value in headers.items()},
        }
        self._secrets = tuple(value.removeprefix("Bearer ") for value in headers.values())
        self._local = threading.local()
        self._sessions: weakref.WeakSet[_Session] = weakref.WeakSet()

    def __repr__(self) -> str:
        return f"Http({self.vendor!r}, {self.base_url!r})"

    def close(self) -> None:
        """Close the connections of all threads; the next call opens new ones."""
        for session in list(self._sessions):
            session.close()

    def read(self, method: str, path: str, *, action: str, **options: Any) -> Answer:
        """Ask for something that changes nothing; passing faults are tried again with growing, jittered waits."""
        return self._call(Call(action, method, path, Mode.READ, **options))

    def once(self, method: str, path: str, *, action: str, **options: Any) -> Answer:
        """Ask once for something that is neither a read nor a loss when it fails (a connect address)."""
        return self._call(Call(action, method, path, Mode.ONCE, **options))

    def write(self, method: str, path: str, *, action: str, **options: Any) -> Answer:
        """Change something, sent once.

        Raises:
            OutcomeUnknown: it was sent, and nobody knows whether it happened.
        """
        return self._call(Call(action, method, path, Mode.WRITE, **options))

    def _call(self, call: Call) -> Answer:
        timing = self._timing
        end = time.monotonic() + (timing.overall if call.mode is Mode.READ else timing.total)
        tries = 0
        while True:
            tries += 1
            self._wait_for_turn(call, end)
            try:
                return self._try(call, end)
            except errors.VendorError as error:
                wait = self._wait_after(error, tries)
                over = wait > LONGEST_SLEEP or time.monotonic() + wait >= end
                if call.mode is not Mode.READ or error.kind not in errors.PASSING or tries >= timing.tries or over:
                    raise
                if not isinstance(error, errors.RateLimited):
                    time.sleep(wait)

    def _wait_for_turn(self, call: Call, end: float) -> None:
        try:
            self.pace.take(max(0.0, end - time.monotonic()))
        except TooLong as far:
            kind = errors.WaitTooLong if far.seconds > LONGEST_SLEEP else errors.RateLimited
            reason = f"no call is allowed for another {spoken(far.seconds)}"
            raise kind(self.vendor, call.action, reason, retry_after=far.seconds) from None

    def _wait_after(self, error: errors.VendorError, tries: int) -> float:
        """Seconds until the next try; when the vendor limits us, the whole source waits."""
        own = min(LONGEST_SLEEP, self._timing.backoff * 2 ** (tries - 1)) * _dice.uniform(0.5, 1.5)
        wait = own if error.retry_after is None else error.retry_after
        if isinstance(error, errors.RateLimited):
            self.pace.pause(wait)
        return wait

    def _try(self, call: Call, end: float) -> Answer:
        reply = self._talk(call, min(self._timing.total, end - time.monotonic()))
        told = _judge.limits(reply.headers, now=time.time())
        self.pace.tell(limit=told.limit, left=told.left, period=told.period)
        if told.wait:
            self.pace.pause(told.wait)
        return self._judged(call, reply, told)

    def _judged(self, call: Call, reply: _Reply, told: _judge.Limits) -> Answer:
        """The answer of a reply that is one; everything else is raised."""
        as_json = is_json(reply.headers)
        wanted = call.raw and _REDIRECT <= reply.status < _CLIENT_ERROR
        failed = reply.status >= _REDIRECT and not wanted
        body = None
        if as_json and reply.content:
            try:
                body = decode(reply.content)
            except ValueError as reason:
                if not failed:
                    self._unreadable(call, reply, str(reason))
        elif not failed and not call.raw and not (call.empty and not reply.content):
            self._unreadable(call, reply, _not_json(reply))
        refusal = None if wanted else call.dialect(reply.status, body)
        if failed or refusal is not None:
            raise self._refused(call, reply, refusal, told)
        return Answer(self.vendor, call.action, reply.status, reply.headers, body, as_json, call.mode is Mode.WRITE)

    def _unreadable(self, call: Call, reply: _Reply, reason: str) -> NoReturn:
        kind = errors.OutcomeUnknown if call.mode is Mode.WRITE else errors.UnexpectedAnswer
        raise kind(self.vendor, call.action, reason, status=reply.status)

    def _refused(self, call: Call, reply: _Reply, refusal: Refusal | None, told: _judge.Limits) -> errors.VendorError:
        kind = refusal.error if refusal else None
        kind = kind or _judge.by_status(reply.status, written=call.mode is Mode.WRITE)
        wait = _judge.retry_after(reply.headers.get("retry-after"), now=time.time())
        if wait is None and issubclass(kind, errors.RateLimited):
            wait = told.wait if told.wait is not None else told.period
        if kind is errors.RateLimited and wait is not None and wait > LONGEST_SLEEP:
            kind = errors.WaitTooLong
        return kind(
            self.vendor,
            call.action,
            self._without_secrets(_judge.described(reply.status, refusal), call),
            advice=refusal.advice if refusal else None,
            status=reply.status,
            code=self._without_secrets(refusal.code, call) if refusal and refusal.code else None,
            field=self._without_secrets(refusal.field, call) if refusal and refusal.field else None,
            retry_after=wait,
        )

    def _without_secrets(self, text: str, call: Call) -> str:
        for secret in (*self._secrets, *call.secrets):
            if secret:
                text = text.replace(secret, "•••")
        return text

    def _talk(self, call: Call, seconds: float) -> _Reply:
        """Send one request and read its answer; a socket that outlives the deadline is shut down."""
        deadline = _wire.Deadline(seconds)
        stage = _Stage()
        try:
            with deadline.watching(), self._session(call) as session:
                reply = self._exchange(session, call, stage)
            if not deadline.passed:
                return reply
            error = self._fault(call, TimeoutError(), deadline)  # what was cut may look like a whole answer
        except (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException, OSError) as fault:
            error = self._fault(call, fault, deadline)
        except _TooLarge:
            kind = errors.OutcomeUnknown if call.mode is Mode.WRITE else errors.AnswerTooLarge
            error = kind(self.vendor, call.action, "the answer is larger than 64 MiB and was refused while reading")
        if stage.status is not None and stage.status >= _REDIRECT:
            return _Reply(stage.status, stage.headers, None)  # the status says enough
        raise error

    def _exchange(self, session: _Session, call: Call, stage: _Stage) -> _Reply:
        response = session.request(
            call.method,
            self.base_url + call.path,
            params=call.params,
            data=call.form,
            json=call.json,
            headers={**self._headers, **call.headers},
            timeout=(self._timing.connect, self._timing.read),
            allow_redirects=False,
            stream=True,
        )
        try:
            stage.status = response.status_code
            stage.headers = {name.lower(): value for name, value in response.headers.items()}
            content = _content(response, BODY_LIMIT if response.status_code < _REDIRECT else _ERROR_BODY_LIMIT)
        except BaseException:
            response.raw.close()  # never back into the pool half read
            raise
        finally:
            response.close()
        return _Reply(response.status_code, stage.headers, content)

    @contextmanager
    def _session(self, call: Call) -> Iterator[_Session]:
        """This thread's session; a write gets a fresh one, so that no stale connection makes its outcome unknown."""
        if call.mode is not Mode.READ:
            with _Session() as fresh:
                yield fresh
            return
        if not hasattr(self._local, "session"):
            self._local.session = _Session()
            self._sessions.add(self._local.session)
        yield self._local.session

    def _fault(self, call: Call, fault: Exception, deadline: _wire.Deadline) -> errors.VendorError:
        """The error for a transport fault: before anything was sent, or after."""
        causes = list(_causes(fault))
        late = deadline.passed or any(isinstance(c, TimeoutError | requests.Timeout) for c in causes)
        reason = _broken(causes, late=late) if deadline.sent else _unsent(causes)
        if deadline.sent and call.mode is Mode.WRITE:
            return errors.OutcomeUnknown(self.vendor, call.action, reason)
        if late and (deadline.sent or deadline.passed) and call.mode is not Mode.WRITE:
            return errors.TimedOut(self.vendor, call.action, reason)
        if any(_is_malformed(c) for c in causes):
            broken = any(isinstance(c, urllib3.exceptions.DecodeError) for c in causes)
            reason = reason if broken else "its answer is not valid HTTP, or its header is too large"
            return errors.UnexpectedAnswer(self.vendor, call.action, reason)
        return errors.Unreachable(self.vendor, call.action, reason)


class _TooLarge(Exception):
    """The body went over its limit."""


@dataclass(slots=True)
class _Stage:
    """How far an exchange came, for the case that it breaks."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def _content(response: requests.Response, limit: int) -> bytes:
    """The decoded body, read in small chunks and refused when it goes over the limit."""
    content = bytearray()
    for chunk in response.raw.stream(_CHUNK, decode_content=True):
        content += chunk
        if len(content) > limit:
            raise _TooLarge
    return bytes(content)


def _causes(fault: BaseException) -> Iterator[BaseException]:
    """The fault and everything it was made from (libraries wrap each other's errors in args, reason and context)."""
    seen: set[int] = set()
    waiting: list[Any] = [fault]
    while waiting:
        cause = waiting.pop()
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]


def _is_malformed(cause: BaseException) -> bool:
    return isinstance(cause, HTTPException | urllib3.exceptions.DecodeError) and not isinstance(
        cause, RemoteDisconnected | IncompleteRead | ConnectionError
    )


def _unsent(causes: list[BaseException]) -> str:
    if any(isinstance(c, urllib3.exceptions.SSLError | requests.exceptions.SSLError) for c in causes):
        return "its certificate or its TLS is not acceptable"
    if any(isinstance(c, urllib3.exceptions.NameResolutionError) for c in causes):
        return "the name of its host does not resolve"
    if any(isinstance(c, ConnectionRefusedError) for c in causes):
        return "the connection was refused"
    return "no connection came about in time"


def _broken(causes: list[BaseException], *, late: bool) -> str:
    if late:
        return "it did not answer in time"
    if any(isinstance(c, IncompleteRead) for c in causes):
        return "its answer was cut off"
    if any(isinstance(c, urllib3.exceptions.DecodeError) for c in causes):
        return "the compression of its answer is broken"
    return "the connection was closed or reset before the answer was complete"


def _not_json(reply: _Reply) -> str:
    if not reply.content and reply.headers.get("content-encoding"):
        return f"nothing came out of its compressed answer (HTTP {reply.status}): it was cut off"
    if not reply.content:
        return f"its answer (HTTP {reply.status}) is empty where JSON is due"
    kind = reply.headers.get("content-type", "").partition(";")[0].strip() or "no Content-Type"
    return f"its answer is not JSON but {errors.clean(kind, length=60)}"


def _header(name: str, value: str) -> str:
    """A credential that can travel in a header.

    Raises:
        ValueError: it holds a character that no header may carry (the value is not told).
    """
    if not value or not value.isascii() or not value.isprintable() or value != value.strip():
        raise ValueError(f"the value for the header {name} is empty or holds a character that no header may carry")
    return value
