"""The reference of the API, for programs and for people. Everything it needs is served from here."""

import json
import sys
from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from litestar import MediaType, Request, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.params import FromPath

from .document import completed, openapi_config
from .plain_reference import PLAIN_STYLE, plain_page

PATH: Final = "/schema"
_STATIC: Final = "drf_spectacular_sidecar/static/drf_spectacular_sidecar"
_FILES: Final = {
    "swagger-ui.css": ("text/css", "swagger-ui-dist/swagger-ui.css"),
    "swagger-ui-bundle.js": ("text/javascript", "swagger-ui-dist/swagger-ui-bundle.js"),
    "redoc.standalone.js": ("text/javascript", "redoc/bundles/redoc.standalone.js"),
}


_SCROLL_BARS: Final = "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='"
"""Of the version that is pinned; a newer one may have another, which a browser names in its refusal."""


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


_POLICY: Final = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        # The plain page's own; an empty one, which ReDoc makes and fills by rules; that of its scroll bars.
        f"style-src 'self' {_hash(PLAIN_STYLE)} {_hash('')} {_SCROLL_BARS}",
        "img-src 'self' data:",
        "connect-src 'self'",
        "worker-src blob:",  # the search of ReDoc
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
_ICON: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#1f6f54"/>'
    '<path d="M4 4l5 4-5 4M9.5 12H13" fill="none" stroke="#fff" stroke-width="1.6"/></svg>'
)
_SWAGGER: Final = """\
window.addEventListener("load", () => {
  SwaggerUIBundle({
    url: "/schema/openapi.json", dom_id: "#reference", deepLinking: true, validatorUrl: null,
    defaultModelsExpandDepth: 0, persistAuthorization: false,
  });
});
"""
_REDOC: Final = """\
window.addEventListener("load", () => {
  Redoc.init("/schema/openapi.json", {}, document.getElementById("reference"));
});
"""
_HEAD: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Runyard API</title>
<link rel="icon" type="image/svg+xml" href="/schema/assets/icon.svg">
"""
_BODY: Final = """\
</head>
<body>
<div id="reference"><p>This page needs JavaScript; <a href="/schema/openapi.json">the document</a> does not.</p></div>
"""
_SWAGGER_PAGE: Final = f"""\
{_HEAD}<link rel="stylesheet" href="/schema/assets/swagger-ui.css">
{_BODY}<script src="/schema/assets/swagger-ui-bundle.js"></script>
<script src="/schema/assets/swagger.js"></script>
</body>
</html>
"""
_REDOC_PAGE: Final = f"""\
{_HEAD}{_BODY}<script src="/schema/assets/redoc.standalone.js"></script>
<script src="/schema/assets/redoc.js"></script>
</body>
</html>
"""
_OURS: Final = {
    "icon.svg": ("image/svg+xml", _ICON),
    "swagger.js": ("text/javascript", _SWAGGER),
    "redoc.js": ("text/javascript", _REDOC),
}


def installed_assets() -> Path:
    """Where `make` puts Swagger UI and ReDoc."""
    return Path(sys.prefix) / "share" / "runyard" / "assets" / _STATIC


def reference(version: str, assets: Path | None) -> OpenAPIConfig:
    """The document at `/schema/openapi.json`, pages at `/schema/swagger-ui` (also at `/schema`) and `/schema/redoc`."""
    there = assets if assets and all((assets / file).is_file() for _, file in _FILES.values()) else None
    swagger = ReferencePage("/swagger-ui", _SWAGGER_PAGE if there else None)
    redoc = ReferencePage("/redoc", _REDOC_PAGE if there else None)
    router = Router(
        PATH,
        route_handlers=[],
        include_in_schema=False,
        after_request=_not_found_as_everywhere,
        response_headers={"Content-Security-Policy": _POLICY},
    )
    router.register(get("/assets/{name:str}", sync_to_thread=True)(_asset_of(there)))
    return openapi_config(version, path=PATH, openapi_router=router, render_plugins=[swagger, redoc, Document()])


class Document(OpenAPIRenderPlugin):
    """The OpenAPI document itself."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json", media_type=MediaType.JSON)
        self._made: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002
        if self._made is None:
            self._made = json.dumps(completed(openapi_schema)).encode()
        return self._made


class ReferencePage(OpenAPIRenderPlugin):
    """A page of others' making, or a plain one where its files are absent."""

    def __init__(self, path: str, page: str | None) -> None:
        super().__init__(path=path, favicon="")
        self._page = page

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002
        return (self._page or plain_page(completed(openapi_schema))).encode()


def _asset_of(folder: Path | None) -> Callable[..., Response[bytes]]:
    def asset(name: FromPath[str]) -> Response[bytes]:
        if name in _OURS:
            media_type, text = _OURS[name]
            return Response(text.encode(), media_type=media_type)
        if name not in _FILES or folder is None:
            raise NotFoundException
        media_type, file = _FILES[name]
        headers: Mapping[str, str] = {"Cache-Control": "public, max-age=3600"}
        return Response((folder / file).read_bytes(), media_type=media_type, headers=headers)

    return asset


def _not_found_as_everywhere(response: Response[Any]) -> Response[Any]:
    """Litestar answers an unknown address below the document with a page of its own."""
    if response.status_code == 404:
        raise NotFoundException
    return response
