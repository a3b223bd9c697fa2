"""The pages under /_mock/ as files: what is served, and what a browser is told about it."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx2
import pytest

from akool_mock import MockServer, Response
from akool_mock._control import dashboard

HOST = "127.0.0.1:8970"
STATIC = Path(dashboard.__file__).parent / "static"
ASSETS = sorted(file.name for file in STATIC.iterdir() if file.suffix != ".html")


@pytest.fixture
def get(api: Any) -> Callable[..., Response]:
    def answer(path: str, method: str = "GET", **headers: str) -> Response:
        found: Response = api.raw(method, path, **{"host": HOST, **headers})
        return found

    return answer


class Addresses(HTMLParser):
    """Every address that a page names."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inline: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found += [str(given[name]) for name in ("src", "href") if name in given]
        self.inline += [name for name in given if name.startswith("on") or name == "style"]
        if tag in ("script", "style") and "src" not in given:
            self.inline.append(tag)


@pytest.mark.parametrize("path", ["/_mock", "/_mock/", "/_mock/docs", "/_mock/docs/"])
def test_the_pages_are_there(get: Callable[..., Response], path: str) -> None:
    answer = get(path)
    assert answer.status == 200
    assert answer.header(b"content-type") == b"text/html; charset=utf-8"
    assert answer.content().startswith(b"<!doctype html>")


@pytest.mark.parametrize("path", ["/_mock/", "/_mock/docs"])
def test_all_that_a_page_names_is_served_here_and_nothing_is_inline(
    get: Callable[..., Response], path: str
) -> None:
    named = Addresses(get(path).content().decode())
    assert named.found
    assert not named.inline
    assert {get(address).status for address in named.found} == {200}


@pytest.mark.parametrize("name", ASSETS)
def test_our_assets_load_nothing_from_elsewhere(get: Callable[..., Response], name: str) -> None:
    text = get(f"/_mock/assets/{name}").content().decode()
    loading = (
        r"""(?:import[^;]*?from\s*|import\(|fetch\(|src=|href=|url\(|EventSource\()\s*['"`]?"""
    )
    named = re.findall(loading + r"([^'\"`)\s]+)", text)
    assert all(address.startswith(("/_mock/", "./", "#", "${")) for address in named), named


@pytest.mark.parametrize(
    "path", ["/_mock/", "/_mock/docs", "/_mock/contract.json", "/_mock/assets/app.js"]
)
def test_a_browser_may_load_from_here_only_and_frame_nothing(
    get: Callable[..., Response], path: str
) -> None:
    answer = get(path)
    policy = (answer.header(b"content-security-policy") or b"").decode()
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert "unsafe" not in policy
    assert "://" not in policy
    assert answer.header(b"x-content-type-options") == b"nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/_mock/assets/",
        "/_mock/assets/none.js",
        "/_mock/assets/../_pages.py",
        "/_mock/assets/..%2f_pages.py",
        "/_mock/assets//etc/passwd",
        "/_mock/index.html",
        "/_mock/docs/more",
    ],
)
def test_only_names_that_are_there_are_served(get: Callable[..., Response], path: str) -> None:
    assert get(path).status == 404


@pytest.mark.parametrize("path", ["/_mock/", "/_mock/docs", "/_mock/assets/app.js"])
@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"origin": "http://evil.example"},
        {"host": "evil.example"},
    ],
)
def test_other_origins_are_refused(
    get: Callable[..., Response], path: str, headers: dict[str, str]
) -> None:
    assert get(path, **headers).status == 403


def test_the_pages_go_with_the_control_plane(make: Any) -> None:
    assert make(control=False).raw("GET", "/_mock/", host=HOST).status == 404


def test_pages_are_read_not_written(get: Callable[..., Response]) -> None:
    assert get("/_mock/docs", "POST").status == 404


def test_the_reference_knows_no_server_but_this(get: Callable[..., Response], api: Any) -> None:
    served, merged = get("/_mock/contract.json").json(), api.sim.contract.document
    assert served["servers"] == [{"url": "/"}]
    assert not any("servers" in item for item in served["paths"].values())
    assert served["paths"].keys() == merged["paths"].keys()
    assert merged["servers"] != served["servers"]


def test_swagger_ui_lies_there_whole_with_its_version_and_its_licence(
    get: Callable[..., Response],
) -> None:
    folder = Path(dashboard.__file__).parent / "swagger_ui"
    npm = Path(__file__).resolve().parents[2] / "scripts/node/package.json"
    wanted = json.loads(npm.read_text("utf-8"))["dependencies"]["swagger-ui-dist"]
    assert (folder / "VERSION").read_text("utf-8").strip() == wanted, "run: make swagger-ui"
    assert "Apache License" in (folder / "LICENSE").read_text("utf-8")
    assert "SmartBear" in (folder / "NOTICE").read_text("utf-8")
    for name in ("swagger-ui.css", "swagger-ui-bundle.js"):
        assert get(f"/_mock/assets/{name}").content() == (folder / name).read_bytes()
    assert get("/_mock/assets/LICENSE").status == 404


def test_the_server_tells_at_once_that_something_is_new() -> None:
    with MockServer() as mock:
        with (
            httpx2.Client(base_url=mock.url, trust_env=False) as http,
            http.stream("GET", "/_mock/events") as events,
        ):
            told = (json.loads(line[6:]) for line in events.iter_lines() if line)
            first = next(told)
            assert http.get("/api/open/v3/faceswap/quota/info").status_code == 200
            second = next(told)
        assert events.headers["content-type"] == "text/event-stream"
        assert (first["request"], second["request"]) == (0, 1)
