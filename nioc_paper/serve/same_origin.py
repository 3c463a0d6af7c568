"""Access control: only pages of the preview itself are answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nioc_paper.render.site import meta

_HEADERS = (
    (b"content-security-policy", f"{meta.POLICY}; frame-ancestors 'none'".encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


class SameOriginMiddleware(Struct, frozen=True, dict=True):
    """Rejects requests for other host names and from pages of other origins."""

    app: ASGIApp
    hosts: Sequence[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or reject it with 403."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if not _is_same_origin(dict(scope["headers"]), self.hosts):
            await PlainTextResponse("only pages of this preview are answered", 403)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                header_names = dict(message["headers"])
                message["headers"] = [*message["headers"], *(pair for pair in _HEADERS if pair[0] not in header_names)]
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _is_same_origin(headers: Mapping[bytes, bytes], hosts: Sequence[str]) -> bool:
    host, origin = headers.get(b"host", b"").decode("latin-1"), headers.get(b"origin")
    is_cross_site = headers.get(b"sec-fetch-site") == b"cross-site" and headers.get(b"sec-fetch-mode") != b"navigate"
    has_own_origin = origin is None or origin.decode("latin-1") == f"http://{host}"
    return host in hosts and has_own_origin and not is_cross_site
