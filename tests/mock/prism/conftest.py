"""A small contract, a server whose answers a test dictates, and Prism where it can run."""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest
from tests.web_server import web_server

from akool_mock import MockServer, Settings
from akool_mock.prism import ContractViolated, Prism, PrismError, find_node, install

KEY = {"x-api-key": "any"}


def small_contract() -> dict[str, Any]:
    answer = {
        "200": {
            "description": "ok",
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["code"],
                        "properties": {"code": {"type": "integer"}},
                    },
                    "example": {"code": 1000},
                }
            },
        }
    }
    body = {
        "type": "object",
        "required": ["url"],
        "additionalProperties": False,
        "properties": {"url": {"type": "string", "format": "uri"}},
    }
    ids = {"name": "ids", "in": "query", "required": True, "schema": {"type": "string"}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "small", "version": "1"},
        "security": [{"Key": []}],
        "components": {
            "securitySchemes": {"Key": {"type": "apiKey", "in": "header", "name": "x-api-key"}}
        },
        "paths": {
            "/jobs": {
                "get": {"operationId": "list", "parameters": [ids], "responses": answer},
                "post": {
                    "operationId": "add",
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": body}},
                    },
                    "responses": answer,
                },
            },
            "/free": {"get": {"operationId": "free", "security": [], "responses": answer}},
        },
    }


@pytest.fixture(scope="session")
def installed() -> type[Prism]:
    """Prism where Node is. In CI the absence of Node is a fault, elsewhere a reason to skip."""
    try:
        install(find_node())
    except PrismError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    return Prism


@pytest.fixture(scope="session")
def contract() -> dict[str, Any]:
    return small_contract()


@pytest.fixture
def contract_file(contract: dict[str, Any], tmp_path: Path) -> Path:
    file = tmp_path / "contract.json"
    file.write_text(json.dumps(contract), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def prism(installed: type[Prism], contract: dict[str, Any]) -> Iterator[Prism]:
    """Prism in mode `mock`; for tests that leave it as it is."""
    with installed(contract) as running:
        yield running


class Upstream(NamedTuple):
    """A server that answers as the request's `x-say` header asks."""

    url: str
    seen: list[tuple[str, str, bytes]]


@pytest.fixture(scope="session")
def upstream() -> Iterator[Upstream]:
    seen: list[tuple[str, str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            seen.append((self.command, self.path, body))
            say = json.loads(self.headers.get("x-say", "{}"))
            text = say.get("text", '{"code":1000}').encode()
            self.send_response(say.get("status", 200))
            self.send_header("content-type", say.get("type", "application/json"))
            self.send_header("content-length", str(len(text)))
            self.send_header("location", "/jobs?ids=elsewhere")
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = answer  # noqa: N815 - http.server's names

    with web_server(Handler) as url:
        yield Upstream(url, seen)


@pytest.fixture(scope="session")
def _proxy(installed: type[Prism], contract: dict[str, Any], upstream: Upstream) -> Iterator[Prism]:
    with installed(contract, upstream=upstream.url) as running:
        yield running


@pytest.fixture
def proxy(_proxy: Prism, upstream: Upstream) -> Iterator[Prism]:
    """Prism before the upstream, with nothing on record."""
    upstream.seen.clear()
    yield _proxy
    with suppress(ContractViolated):
        _proxy.check()


@pytest.fixture(scope="session")
def server() -> Iterator[MockServer]:
    """The simulator on a socket, with credits without end."""
    with MockServer(settings=Settings.documented().changed({"credits": 1e12})) as running:
        yield running


@pytest.fixture(scope="session")
def merged(installed: type[Prism]) -> Iterator[Prism]:
    """Prism, serving the merged contract."""
    with installed() as running:
        yield running


@pytest.fixture(scope="session")
def chain(installed: type[Prism], server: MockServer) -> Iterator[Prism]:
    """Prism before the simulator."""
    with installed(upstream=server.url) as running:
        yield running


@pytest.fixture
def http() -> Iterator[httpx2.Client]:
    """A client that has a key, follows nothing and gives up soon."""
    with httpx2.Client(headers=KEY, timeout=10, trust_env=False) as client:
        yield client


@pytest.fixture
def upstream_url(upstream: Upstream) -> str:
    return upstream.url
