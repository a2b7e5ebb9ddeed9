"""One small HTTP request to a witness: bounded in time and size, no redirects, no proxies."""

import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

SECONDS_MAX = 5.0
ANSWER_BYTES_MAX = 65_536


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)


def post(url: str, body: bytes) -> tuple[int, bytes]:
    """Post a body; give status and answer. Raises OSError where nobody answers, or the address is no http one."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise OSError("not an http address")
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "text/plain"})  # noqa: S310 - checked above
    try:
        with _opener.open(request, timeout=SECONDS_MAX) as answer:
            return int(answer.status), answer.read(ANSWER_BYTES_MAX)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(ANSWER_BYTES_MAX)
