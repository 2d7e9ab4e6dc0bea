"""The reference as a plain page: no script, no style from elsewhere."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

PLAIN_STYLE: Final = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
section { border-top: 1px solid #8886; padding: 0.5rem 0 }
h2 { font-size: 1.1rem; margin: 0.5rem 0 } code, pre { font-family: ui-monospace, monospace }
p, pre { white-space: pre-line; margin: 0.25rem 0 } dl { margin: 0.5rem 0 } dt { font-weight: 600 }
"""
_HEAD: Final = f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Runyard API</title>
<link rel="icon" type="image/svg+xml" href="/schema/assets/icon.svg">
<style>{PLAIN_STYLE}</style>
</head>
<body>
"""


def plain_page(document: Mapping[str, Any]) -> str:
    """All operations and schemas of the document, readable."""
    return _HEAD + "\n".join(_lines(document)) + "\n</body>\n</html>\n"


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    info = document["info"]
    yield f"<h1>{escape(info['title'])} API {escape(info['version'])}</h1>"
    yield f"<p>{escape(info['description'])} The whole of it: <a href='/schema/openapi.json'>openapi.json</a>.</p>"
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield from _operation(f"{method.upper()} {path}", operation)
    yield "<h1>Schemas</h1>"
    for name, schema in document["components"]["schemas"].items():
        yield from _schema(name, schema)


def _operation(title: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"<section id='{escape(operation['operationId'])}'><h2><code>{escape(title)}</code></h2>"
    yield f"<p>{escape(operation['summary'])}. {escape(operation.get('description', ''))}</p>"
    if operation.get("parameters"):
        yield "<dl>"
        for parameter in operation["parameters"]:
            yield f"<dt><code>{escape(parameter['name'])}</code> ({escape(parameter['in'])})</dt>"
            yield f"<dd>{escape(parameter.get('description', ''))}</dd>"
        yield "</dl>"
    yield f"<p>Answers: {', '.join(map(_answer, operation['responses'].items()))}</p></section>"


def _answer(response: tuple[str, Mapping[str, Any]]) -> str:
    status, said = response
    for content in said.get("content", {}).values():
        if "$ref" in content["schema"]:
            return f"{status} {_link(content['schema']['$ref'])}"
    return status


def _schema(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f"<section id='{escape(name)}'><h2>{escape(name)}</h2><p>{escape(schema.get('description', ''))}</p>"
    if "enum" in schema:
        yield f"<p>{escape(', '.join(map(str, schema['enum'])))}</p>"
    yield "<dl>"
    for field, part in schema.get("properties", {}).items():
        yield f"<dt><code>{escape(field)}</code>: {_kind(part)}</dt><dd>{escape(part.get('description', ''))}</dd>"
    yield "</dl></section>"


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return _link(schema["$ref"])
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        return " or ".join(map(_kind, choices))
    kinds = schema.get("type", "anything")
    return escape(kinds if isinstance(kinds, str) else " or ".join(kinds))


def _link(reference: str) -> str:
    name = escape(reference.rpartition("/")[2])
    return f"<a href='#{name}'>{name}</a>"
