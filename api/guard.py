"""What stands before every route: a number for each request, bounds on size, time and crowd, no error's own text.

Plain ASGI, so that it sees a body before anything reads it and an exception before anything prints it.
"""

import logging
from typing import Any
from uuid import uuid4

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.languages import language_of
from api.refusals import BodyTooLarge, BodyTooSlow, Overloaded
from domain.errors import Refusal

BODY_BYTES_MAX = 1 << 20
BATCH_BYTES_MAX = 16 << 20
BATCH_TYPE = b"application/cloudevents-batch+json"
BODY_SECONDS_MAX = 20.0
REQUESTS_MAX = 256
_log = logging.getLogger("points.http")
_FIXED = [(b"x-content-type-options", b"nosniff")]


class Guard:
    """The middleware. One for a whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._present = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})["request_id"] = str(uuid4())
        self._present += 1
        try:
            await self._serve(scope, receive, send)
        finally:
            self._present -= 1

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, answer = anyio.current_time(), _Answer(send, scope["state"]["request_id"])
        body = _Body(scope, receive)
        try:
            if self._present > REQUESTS_MAX:
                raise Overloaded  # noqa: TRY301 - told like every other refusal, below
            body.refuse_announced()
            await self.app(scope, body.receive, answer.send)
        except Exception as error:  # noqa: BLE001 - the last place where an error can be kept from printing itself
            refusal = problems.refusal_of(error)
            if not isinstance(error, Refusal):
                problems.note(error, scope["state"]["request_id"])
            if answer.status is None:
                language = language_of(scope)
                told = problems.problem(refusal, language, problems.instance_of(scope))
                await problems.answer(told, language)(scope, receive, answer.send)
        # The route's pattern, not the path: a path holds the subject's id.
        route = getattr(scope.get("route"), "path", "-")
        spent = (anyio.current_time() - began) * 1000
        _log.info("%s %s %s %.1f ms %s", scope["method"], route, answer.status, spent, scope["state"]["request_id"])


class _Answer:
    """Remembers the status, and puts the headers on that every answer carries."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._headers = [*_FIXED, (b"request-id", request_id.encode())]
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message.get("headers", []), *self._headers]
            if not any(name.lower() == b"cache-control" for name, _ in headers):
                headers.append((b"cache-control", b"no-store"))
            message = {**message, "headers": headers}
        await self._send(message)


class _Body:
    """Counts the bytes of a body and the seconds that it takes."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        batch = headers.get(b"content-type", b"").partition(b";")[0].strip().lower() == BATCH_TYPE
        self._most = BATCH_BYTES_MAX if batch else BODY_BYTES_MAX
        self._announced = headers.get(b"content-length", b"0")
        self._receive = receive
        self._seconds_left = BODY_SECONDS_MAX
        self._taken = 0
        self._whole = False

    def refuse_announced(self) -> None:
        """Refuse before a byte is read. Raises BodyTooLarge."""
        if not self._announced.isdigit() or len(self._announced) > 18 or int(self._announced) > self._most:
            raise BodyTooLarge

    async def receive(self) -> Message:
        """Give the next part. Raises BodyTooLarge, BodyTooSlow."""
        if self._whole:
            return await self._receive()
        began = anyio.current_time()
        message: dict[str, Any] | None = None
        with anyio.move_on_after(self._seconds_left):
            message = dict(await self._receive())
        self._seconds_left -= anyio.current_time() - began
        if message is None:
            raise BodyTooSlow
        self._taken += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._taken > self._most:
            raise BodyTooLarge
        return message
