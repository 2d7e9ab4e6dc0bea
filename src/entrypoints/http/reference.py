"""The reference of the API, for programs and for people. Everything it needs is served from here."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from litestar import MediaType, Request, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.params import FromPath

from .document import completed, openapi_config
from .plain_reference import plain_page

PATH: Final = "/schema"
_SIDECAR: Final = "drf_spectacular_sidecar/static/drf_spectacular_sidecar/swagger-ui-dist"
_FILES: Final = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_ICON: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#1f6f54"/>'
    '<path d="M4 4l5 4-5 4M9.5 12H13" fill="none" stroke="#fff" stroke-width="1.6"/></svg>'
)
_SCRIPT: Final = """\
window.addEventListener("load", () => {
  SwaggerUIBundle({
    url: "/schema/openapi.json", dom_id: "#reference", deepLinking: true, validatorUrl: null,
    defaultModelsExpandDepth: 0, persistAuthorization: false,
  });
});
"""
_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Runyard API</title>
<link rel="icon" type="image/svg+xml" href="/schema/assets/icon.svg">
<link rel="stylesheet" href="/schema/assets/swagger-ui.css">
</head>
<body>
<div id="reference"><p>This page needs JavaScript; <a href="/schema/openapi.json">the document</a> does not.</p></div>
<script src="/schema/assets/swagger-ui-bundle.js"></script>
<script src="/schema/assets/reference.js"></script>
</body>
</html>
"""
_OURS: Final = {"icon.svg": ("image/svg+xml", _ICON), "reference.js": ("text/javascript", _SCRIPT)}


def installed_assets() -> Path:
    """Where `make` puts Swagger UI."""
    return Path(sys.prefix) / "share" / "runyard" / "assets" / _SIDECAR


def reference(version: str, assets: Path | None) -> OpenAPIConfig:
    """The document at `/schema/openapi.json`, the page at `/schema/swagger-ui` and at `/schema`."""
    page = ReferencePage(assets if assets and all((assets / name).is_file() for name in _FILES) else None)
    router = Router(
        PATH,
        route_handlers=[],
        include_in_schema=False,
        after_request=_not_found_as_everywhere,
        response_headers={"Content-Security-Policy": _POLICY},
    )
    return openapi_config(version, path=PATH, openapi_router=router, render_plugins=[page, Document()])


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
    """Swagger UI, or a plain page where its files are absent."""

    def __init__(self, assets: Path | None) -> None:
        super().__init__(path="/swagger-ui", favicon="")
        self._assets = assets

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002
        return (_PAGE if self._assets else plain_page(completed(openapi_schema))).encode()

    def receive_router(self, router: Router) -> None:
        router.register(get("/assets/{name:str}", sync_to_thread=True)(_asset_of(self._assets)))


def _asset_of(folder: Path | None) -> Callable[..., Response[bytes]]:
    def asset(name: FromPath[str]) -> Response[bytes]:
        if name in _OURS:
            media_type, text = _OURS[name]
            return Response(text.encode(), media_type=media_type)
        if name not in _FILES or folder is None:
            raise NotFoundException
        headers: Mapping[str, str] = {"Cache-Control": "public, max-age=3600"}
        return Response((folder / name).read_bytes(), media_type=_FILES[name], headers=headers)

    return asset


def _not_found_as_everywhere(response: Response[Any]) -> Response[Any]:
    """Litestar answers an unknown address below the document with a page of its own."""
    if response.status_code == 404:
        raise NotFoundException
    return response
