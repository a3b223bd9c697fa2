"""From a docs page to a fragment: what is taken, what is refused, and that nothing is half done."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.web_server import web_server
from typer.testing import CliRunner

from akool_pipeline import page_list
from akool_pipeline.cli import app
from akool_pipeline.errors import PipelineError
from akool_pipeline.layout import Layout
from akool_pipeline.sources import fetching, pages, refresh

ROOT = Path(__file__).resolve().parents[2]
TODAY = dt.date(2026, 11, 21)
BLOCK = b"""openapi: 3.0.3
info:
  title: Things
  version: 1.0.0
paths:
  /things:
    get:
      responses:
        '200':
          description: Things
"""


def page(block: bytes = BLOCK, info: bytes = b"yaml GET /things") -> bytes:
    return b"# Things\n\nProse.\n\n## OpenAPI\n\n````" + info + b"\n" + block + b"\n````"


def test_the_block_is_kept_byte_for_byte() -> None:
    assert pages.find_block(page(), "p").raw == BLOCK + b"\n"


def test_carriage_returns_and_odd_spaces_survive() -> None:
    odd = BLOCK.replace(b"\n", b"\r\n") + b"  \r\n"
    assert pages.find_block(page(odd), "p").raw == odd + b"\n"


def verdict(raw: bytes) -> str:
    try:
        pages.check_block(pages.find_block(raw, "p"), "p")
    except PipelineError as error:
        return "refused" if str(error).startswith("p") else f"without its place: {error}"
    return "fragment"


@given(st.binary(max_size=300))
def test_any_bytes_are_a_block_or_a_pipeline_error(raw: bytes) -> None:
    assert verdict(raw) in {"fragment", "refused"}


@given(st.binary(max_size=200))
def test_any_block_content_is_a_fragment_or_a_pipeline_error(raw: bytes) -> None:
    assert verdict(page(raw)) in {"fragment", "refused"}


def test_other_fences_are_not_the_block() -> None:
    text = b"```yaml\na: 1\n```\n~~~json theme={null}\n{}\n~~~\n" + page()
    assert pages.find_block(text, "p").raw == BLOCK + b"\n"


def test_a_fence_quoted_inside_another_is_prose() -> None:
    text = b"`````md\n````yaml GET /quoted\nopenapi: 3.0.3\n````\n`````\n" + page()
    assert pages.find_block(text, "p").path == "/things"


FENCES = {
    "method and path": b"yaml GET /things",
    "a file": b"yaml openapi/things.yaml GET /things",
    "an address": b"yaml https://api.example/openapi.json GET /things",
    "a file of JSON and a small method": b"yaml /openapi.json get /things",
    "what the platform adds": b"yaml GET /things theme={null}",
    "a language in capitals": b"YAML GET /things",
    "the long name": b"yml openapi.yml GET /things",
    "json": b"json GET /things",
}


@pytest.mark.parametrize("fence", [b"```", b"````", b"~~~", b"`````"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("info", FENCES.values(), ids=FENCES.keys())
def test_fences_as_they_are_seen_in_the_wild_are_read(info, end, fence) -> None:
    text = b"# Things\n\n" + fence + info + b"\n" + BLOCK + fence + b"\n\nProse.\n"
    block = pages.find_block(text.replace(b"\n", end), "p")
    assert (block.method, block.path, block.line) == ("get", "/things", 4)
    assert block.raw == BLOCK.replace(b"\n", end)
    assert pages.check_block(block, "p").data["info"]["title"] == "Things"


def test_three_backticks_inside_four_are_text() -> None:
    block = BLOCK.replace(b"description: Things", b"description: |\n```\ncode\n```")
    assert pages.find_block(page(block), "p").raw == block + b"\n"


def test_a_webhook_is_found_by_its_name() -> None:
    hook = (
        b"openapi: 3.1.0\ninfo: {title: T, version: '1'}\n"
        b"webhooks: {done: {post: {responses: {'200': {description: d}}}}}\n"
    )
    block = pages.find_block(page(hook, b"yaml openapi.yaml WEBHOOK done"), "p")
    assert pages.check_block(block, "p").data["webhooks"]
    wrong = pages.find_block(page(hook, b"yaml WEBHOOK other"), "p")
    with pytest.raises(PipelineError, match="#/webhooks: does not describe WEBHOOK other"):
        pages.check_block(wrong, "p")


def test_an_operation_behind_a_reference_is_described() -> None:
    text = (
        b"openapi: 3.1.0\ninfo: {title: T, version: '1'}\n"
        b"paths: {/things: {$ref: '#/components/pathItems/T'}}\n"
        b"components: {pathItems: {T: {get: {responses: {'200': {description: d}}}}}}\n"
    )
    assert pages.check_block(pages.find_block(page(text), "p"), "p")


UNREAD = {
    "a fence that names no operation": (page(info=b"yaml"), "p:8: holds what looks like OpenAPI"),
    "an unknown language": (page(info=b"toml GET /things"), "p:7: holds what looks like OpenAPI"),
    "a fence that does not begin its line": (
        page().replace(b"````yaml", b"  ````yaml"),
        "p:7: holds what looks like OpenAPI",
    ),
    "a block in a quotation": (
        b"> " + page().replace(b"\n", b"\n> "),
        "p:7: holds what looks like OpenAPI",
    ),
    "a fence before it that never ends": (
        b"`````json\n{}\n" + page(),
        "p:1: holds what looks like OpenAPI (line 9) in a fence that is never closed",
    ),
    "a block of JSON without a method": (
        b'```json\n{\n  "openapi": "3.0.3"\n}\n```\n',
        "p:3: holds what looks like OpenAPI",
    ),
}


@pytest.mark.parametrize(("raw", "message"), UNREAD.values(), ids=UNREAD.keys())
def test_a_block_that_is_not_read_is_not_no_block(raw: bytes, message: str) -> None:
    with pytest.raises(PipelineError) as caught:
        pages.find_block(raw, "p")
    assert str(caught.value).startswith(message)
    assert not isinstance(caught.value, pages.NoBlockError)


def test_prose_about_openapi_is_no_block() -> None:
    with pytest.raises(pages.NoBlockError):
        pages.find_block(b"# Moved\n\nOur OpenAPI: see POST /things.\n```sh\ncurl\n```\n", "p")


REFUSED = {
    "no block": (b"# Just prose\n", "has no OpenAPI block"),
    "two blocks": (page() + b"\n\n" + page(), "has 2 OpenAPI blocks, on line 7 and line 27"),
    "a block that never ends": (
        b"````yaml GET /things\n" + BLOCK,
        "p:1: the OpenAPI block is never",
    ),
    "a page of 50 MB": (b"x" * 50_000_000, "larger than 5000000 bytes"),
    "a tab": (
        page(BLOCK.replace(b"  title", b"\ttitle")),
        "p:10: is not YAML: the line holds a tab",
    ),
    "a fence that names another operation": (
        page(info=b"yaml POST /things"),
        "#/paths: does not describe POST /things",
    ),
    "an old specification": (
        page(b"swagger: '2.0'\npaths: {}\n"),
        "says Swagger 2.0: convert it, and import the file that comes out: only OpenAPI 3.0 and",
    ),
    "a version of two numbers": (
        page(b"openapi: 3.1\npaths: {}\n"),
        "says OpenAPI 3.1: write three numbers, as 3.0.3",
    ),
    "an outline of older pages": (
        page(b"paths:\n  path: /things\n  method: get\n  request: {}\n"),
        "holds an outline that older docs pages have in the place of OpenAPI: import the page as",
    ),
    "paths that are a text": (
        page(b"openapi: 3.1.0\npaths: {/things: here}\n"),
        "does not describe GET /things",
    ),
}


@pytest.mark.parametrize(("raw", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_page_that_cannot_be_used_is_refused_with_its_place(raw: bytes, message: str) -> None:
    with pytest.raises(PipelineError) as caught:
        pages.check_block(pages.find_block(raw, "p"), "p")
    assert message in str(caught.value)


def test_lines_in_errors_are_those_of_the_page() -> None:
    broken = BLOCK.replace(b"description: Things", b"description: Things\n          description: x")
    with pytest.raises(PipelineError) as caught:
        pages.check_block(pages.find_block(page(broken), "p"), "p")
    (problem,) = caught.value.problems
    assert page(broken).splitlines()[problem.line - 1].strip() == b"description: x"
    assert problem.pointer == "/paths/~1things/get/responses/200/description"


def test_the_committed_fragments_are_the_published_bytes() -> None:
    notes = pages.read_provenance(Layout(ROOT).provenance)
    assert notes
    for name, note in notes.items():
        raw = (Layout(ROOT).fragments / f"{name}.yaml").read_bytes()
        assert hashlib.sha256(raw).hexdigest() == note["fragment_sha256"], name


def test_every_other_committed_fragment_says_what_it_was_written_from() -> None:
    layout = Layout(ROOT)
    published = pages.read_provenance(layout.provenance)
    for path in layout.fragments.glob("*.yaml"):
        if path.stem not in published:
            text = path.read_text("utf-8")
            assert "x-provenance:\n  kind: facts\n  pages:\n    - https://docs.akool.com/" in text


def test_the_committed_page_list_is_read() -> None:
    listed = {page.fragment for page in page_list.read_list(Layout(ROOT).page_list).pages}
    there = {path.stem for path in Layout(ROOT).fragments.glob("*.yaml")}
    assert listed <= there
    # A page may be imported by hand; getToken's page has no block that could be fetched.
    assert there - listed <= {*pages.read_provenance(Layout(ROOT).provenance), "get-token"}


class Site:
    """A docs site on a loopback port: what it answers is a dictionary."""

    url = ""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}

    def publish(self, path: str, body: bytes, status: int = 200, **headers: str) -> str:
        names = {key.replace("_", "-"): value for key, value in headers.items()}
        self.answers[path] = (status, {"Content-Type": "text/markdown", **names}, body)
        return self.url + path


@pytest.fixture
def site():
    running = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = running.answers.get(self.path, (404, {}, b"gone"))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    with web_server(Handler) as running.url:
        yield running


def test_a_page_is_fetched_over_http(site: Site) -> None:
    assert fetching.fetch(site.publish("/things.md", page())) == page()


def test_a_redirect_within_the_host_is_followed(site: Site) -> None:
    site.publish("/new.md", page())
    assert fetching.fetch(site.publish("/old.md", b"", 308, Location="/new.md")) == page()


LOGIN_DOORS = {
    "a path": "/login?next=/things.md",
    "a sign-in path": "/users/sign-in",
    "another host": "https://sso.example/start",
    "a host named login": "https://login.example/",
}


@pytest.mark.parametrize("location", LOGIN_DOORS.values(), ids=LOGIN_DOORS.keys())
def test_a_redirect_to_a_login_page_is_told_as_such(site: Site, location: str) -> None:
    with pytest.raises(fetching.UnreachableError, match="redirects to a login page"):
        fetching.fetch(site.publish("/things.md", b"", 302, Location=location))


UNUSABLE: dict[str, tuple[dict[str, Any], str]] = {
    "elsewhere": (
        {"body": b"", "status": 301, "Location": "https://other.example/things.md"},
        "redirects to another host",
    ),
    "round and round": ({"body": b"", "status": 302, "Location": "/p.md"}, "more than 5 times"),
    "a web page": ({"body": b"<!DOCTYPE html><p>Log in"}, "answers a web page, perhaps a login"),
    "a web page by type": ({"body": b"hm", "Content_Type": "text/html"}, "answers a web page"),
    "an error": ({"body": b"", "status": 503}, "answers HTTP 503"),
    "too much": ({"body": b"x" * (pages.MAX_BYTES + 1)}, "larger than"),
}


@pytest.mark.parametrize(("answer", "message"), UNUSABLE.values(), ids=UNUSABLE.keys())
def test_what_is_not_the_page_is_refused(site: Site, answer: dict[str, Any], message: str) -> None:
    body, status = answer.pop("body"), answer.pop("status", 200)
    with pytest.raises(fetching.UnreachableError, match=message):
        fetching.fetch(site.publish("/p.md", body, status, **answer))


def test_a_missing_page_is_gone_and_not_merely_unreachable(site: Site) -> None:
    with pytest.raises(fetching.GoneError):
        fetching.fetch(site.url + "/nowhere.md")


class Drip:
    """A server that sends a byte now and then, and never all of them."""

    def __init__(self, greeting: bytes) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/p.md"
        self.greeting = greeting
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self) -> None:
        with contextlib.suppress(OSError):
            connection, _ = self.listener.accept()
            with connection:
                connection.sendall(self.greeting)
                while not self.over.wait(0.02):
                    connection.sendall(b"x")

    def close(self) -> None:
        self.over.set()
        self.thread.join()
        self.listener.close()


@pytest.mark.parametrize(
    "greeting",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"HTTP/1.1 200 OK\r\nx-long: ", b""],
    ids=["body", "header", "status line"],
)
def test_a_server_that_drips_has_one_deadline_for_the_whole_page(greeting: bytes) -> None:
    drip = Drip(greeting)
    try:
        with pytest.raises(fetching.UnreachableError) as caught:
            fetching.fetch(drip.url, patience=0.2)
    finally:
        drip.close()
    assert str(caught.value) == f"{drip.url}: did not arrive within 0.2 seconds"


def test_secrets_in_an_address_are_not_printed() -> None:
    def refuse(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(503)

    with pytest.raises(PipelineError) as caught:
        fetching.fetch("https://me:pass@docs.example/p.md?key=k", httpx2.MockTransport(refuse))
    assert str(caught.value) == "https://docs.example/p.md: answers HTTP 503"


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    (tmp_path / "openapi" / "fragments").mkdir(parents=True)
    return Layout(tmp_path)


def listed(layout: Layout, site: Site, *names: str, index: bool = False) -> page_list.PageList:
    text = f'index = "{site.url}/llms.txt"\nwatch = ["{site.url}/"]\n' if index else ""
    text += "".join(f'[[page]]\nfragment = "{n}"\nurl = "{site.url}/{n}.md"\n' for n in names)
    layout.page_list.write_text(text)
    return page_list.read_list(layout.page_list)


def snapshot(layout: Layout) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in layout.root.rglob("*") if p.is_file()}


class TestRefresh:
    def run(self, layout: Layout, site: Site, *names: str, index: bool = False):
        findings = refresh.examine(
            layout, listed(layout, site, *names, index=index), fetching.fetch, TODAY
        )
        return {finding.fragment or finding.url: finding for finding in findings}

    def test_new_pages_are_written_with_address_date_and_checksum(self, layout, site) -> None:
        site.publish("/things.md", page())
        found = self.run(layout, site, "things")
        assert found["things"].state is refresh.State.NEW
        refresh.apply(layout, found.values())
        assert (layout.fragments / "things.yaml").read_bytes() == BLOCK + b"\n"
        assert json.loads(layout.provenance.read_text())["things"] == {
            "page": f"{site.url}/things.md",
            "fetched": "2026-11-21",
            "page_sha256": hashlib.sha256(page()).hexdigest(),
            "fragment_sha256": hashlib.sha256(BLOCK + b"\n").hexdigest(),
        }

    def test_an_unchanged_page_leaves_every_byte(self, layout, site) -> None:
        site.publish("/things.md", page())
        refresh.apply(layout, self.run(layout, site, "things").values())
        before = snapshot(layout)
        found = self.run(layout, site, "things")
        assert found["things"].state is refresh.State.UNCHANGED
        assert refresh.apply(layout, found.values()) == []
        assert snapshot(layout) == before

    def test_a_changed_page_says_what_breaks(self, layout, site) -> None:
        site.publish("/things.md", page())
        refresh.apply(layout, self.run(layout, site, "things").values())
        site.publish("/things.md", page(BLOCK.replace(b"'200'", b"'201'")))
        found = self.run(layout, site, "things")["things"]
        assert found.state is refresh.State.CHANGED
        assert "breaking      GET /things response: answer 200 is gone" in str(found)

    def test_a_vanished_page_stops_the_whole_refresh(self, layout, site) -> None:
        site.publish("/a.md", page())
        found = self.run(layout, site, "a", "b")
        assert found["b"].state is refresh.State.VANISHED
        before = snapshot(layout)
        with pytest.raises(PipelineError, match="nothing was written: b cannot be used"):
            refresh.apply(layout, found.values())
        assert snapshot(layout) == before

    def test_a_page_that_lost_its_block_has_vanished(self, layout, site) -> None:
        site.publish("/a.md", b"# Moved\n")
        assert self.run(layout, site, "a")["a"].state is refresh.State.VANISHED

    def test_a_page_with_a_block_that_is_not_read_has_not_vanished(self, layout, site) -> None:
        site.publish("/a.md", page(info=b"yaml"))
        assert self.run(layout, site, "a")["a"].state is refresh.State.UNREACHABLE

    def test_a_page_with_a_broken_block_is_unreachable(self, layout, site) -> None:
        site.publish("/a.md", page(b"openapi: [\n"))
        assert self.run(layout, site, "a")["a"].state is refresh.State.UNREACHABLE

    def test_pages_that_only_the_index_lists_are_news(self, layout, site) -> None:
        site.publish("/a.md", page())
        site.publish("/llms.txt", f"- [A]({site.url}/a.md)\n- [B]({site.url}/b.md): new".encode())
        found = self.run(layout, site, "a", index=True)
        assert found[f"{site.url}/b.md"].state is refresh.State.NEW
        assert f"{site.url}/a.md" not in found


class TestTheCommands:
    def run(self, *arguments: str):
        return CliRunner().invoke(app, [*arguments])

    def test_import_takes_a_file(self, layout: Layout, tmp_path: Path) -> None:
        source = tmp_path / "things.md"
        source.write_bytes(page())
        done = self.run("import", str(source), "--root", str(layout.root))
        assert done.exit_code == 0, done.output
        assert (layout.fragments / "things.yaml").read_bytes() == BLOCK + b"\n"

    def test_import_takes_an_address(self, layout: Layout, site: Site) -> None:
        address = site.publish("/things.md", page())
        assert self.run("import", address, "--root", str(layout.root)).exit_code == 0
        assert json.loads(layout.provenance.read_text())["things"]["page"] == address

    def test_importing_the_same_page_again_changes_nothing(self, layout, tmp_path) -> None:
        source = tmp_path / "things.md"
        source.write_bytes(page())
        self.run("import", str(source), "--root", str(layout.root))
        done = self.run("import", str(source), "--root", str(layout.root))
        assert "things.yaml: up to date\n" in done.stdout

    def test_a_refused_page_is_one_line_and_exit_code_2(self, layout, tmp_path) -> None:
        source = tmp_path / "things.md"
        source.write_bytes(b"# Prose\n")
        before = snapshot(layout)
        done = self.run("import", str(source), "--root", str(layout.root))
        assert done.exit_code == 2
        assert done.stderr.count("\n") == 1
        assert "Traceback" not in done.output
        assert snapshot(layout) == before

    def test_refresh_prints_every_page_and_fails_without_writing(self, layout, site) -> None:
        site.publish("/a.md", page())
        listed(layout, site, "a", "b")
        before = snapshot(layout)
        done = self.run("refresh", "--root", str(layout.root))
        assert done.exit_code == 2
        assert done.stdout.startswith("new         a  ")
        assert "vanished    b  " in done.stdout
        assert snapshot(layout) == before

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("[[page]\n", "is not TOML"),
            ("", "needs [[page]] tables"),
            ('[[page]]\nfragment = "../x"\nurl = "u"\n', "is not a name for a fragment"),
            ('[[page]]\nfragment = "a"\nurl = "u"\n' * 2, "names a fragment twice: a"),
        ],
    )
    def test_a_page_list_that_cannot_be_read_is_refused(self, layout, text, message) -> None:
        layout.page_list.write_text(text)
        done = self.run("refresh", "--root", str(layout.root))
        assert done.exit_code == 2
        assert message in done.stderr
