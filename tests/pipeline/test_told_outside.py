"""What is told of pages, files and releases outside the contract, in these words."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from tests.pipeline.test_pages import BLOCK, page

from akool_pipeline import page_list
from akool_pipeline.checking import settings
from akool_pipeline.diff import compare, render
from akool_pipeline.documents.document import parse
from akool_pipeline.errors import PipelineError, Problem
from akool_pipeline.layout import Layout
from akool_pipeline.releasing import changelog, linting
from akool_pipeline.releasing.status import Status
from akool_pipeline.sources import fetching, refresh

if TYPE_CHECKING:
    from pathlib import Path

TODAY = dt.date(2026, 11, 21)
SITE = "https://docs.example"


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    (tmp_path / "openapi" / "fragments").mkdir(parents=True)
    return Layout(tmp_path)


def site(pages: dict[str, Any]) -> refresh.Fetch:
    def fetch(url: str) -> bytes:
        found = pages.get(url.removeprefix(f"{SITE}/"), fetching.GoneError("is gone", file=url))
        if isinstance(found, Exception):
            raise found
        return found

    return fetch


def test_every_state_of_a_page_is_one_finding_in_these_words(layout: Layout) -> None:
    known = site({f"{name}.md": page() for name in ("same", "changed", "broken")})
    names = ("same", "changed", "broken", "new", "gone", "blockless", "away", "wrong")
    pages = [page_list.Page(name, f"{SITE}/{name}.md") for name in names]
    refresh.apply(layout, refresh.examine(layout, page_list.PageList(pages[:3]), known, TODAY))
    (layout.fragments / "broken.yaml").write_text("openapi: [\n")
    index = [f"- [A]({SITE}/same.md)", f"({SITE}/seen.md) ({SITE}/fresh.md): <{SITE}/fresh.md>"]
    found = refresh.examine(
        layout,
        page_list.PageList(
            pages,
            f"{SITE}/llms.txt",
            [f"{SITE}/", f"{SITE}/old/"],
            [f"{SITE}/seen.md", f"{SITE}/lost.md"],
        ),
        site(
            {
                "same.md": page(),
                "changed.md": page(BLOCK.replace(b"'200'", b"'201'")),
                "broken.md": page(),
                "new.md": page(),
                "blockless.md": b"# Prose\n",
                "away.md": fetching.UnreachableError("answers HTTP 503", file="away"),
                "wrong.md": page(info=b"yaml POST /things"),
                "llms.txt": "\n".join([*index, "https://other.example/x.md"]).encode(),
            }
        ),
        TODAY,
    )
    told = [str(one).replace(str(layout.root), "ROOT") for one in found]
    assert told[0] == f"unchanged   same  {SITE}/same.md"
    before, after = BLOCK, BLOCK.replace(b"'200'", b"'201'")
    changes = compare(parse(before, "p").data, parse(after, "p").data)
    lines = render.text(changes).splitlines()
    assert len(lines) > 1
    assert told[1] == "\n    ".join([f"changed     changed  {SITE}/changed.md", *lines])
    assert told[2].startswith(
        f"changed     broken  {SITE}/broken.md\n    cannot be compared: "
        "ROOT/openapi/fragments/broken.yaml:2: is not YAML"
    )
    assert told[3:] == [
        f"new         new  {SITE}/new.md",
        f"vanished    gone  {SITE}/gone.md\n    {SITE}/gone.md: is gone",
        (
            f"vanished    blockless  {SITE}/blockless.md\n    {SITE}/blockless.md: has no OpenAPI "
            "block (a fence that says `yaml METHOD PATH`): import the .md form"
        ),
        f"unreachable away  {SITE}/away.md\n    away: answers HTTP 503",
        (
            f"unreachable wrong  {SITE}/wrong.md\n    {SITE}/wrong.md:12: #/paths: does not "
            "describe POST /things, which its fence names"
        ),
        f"new         -  {SITE}/fresh.md\n    the index lists it: add it to pages.toml",
        f"stale       -  {SITE}/lost.md\n    the index has no such page: delete it from `ignore`",
        f"stale       -  {SITE}/old/\n    the index has no page there: correct `watch`",
    ]
    with pytest.raises(PipelineError) as caught:
        refresh.apply(layout, found)
    assert caught.value.problems[0].message == (
        "nothing was written: gone, blockless, away, wrong cannot be used; try again, or correct "
        "pages.toml"
    )
    assert caught.value.problems[0].file == str(layout.page_list)


def test_an_index_that_cannot_be_had_is_unreachable(layout: Layout) -> None:
    listed = page_list.PageList([], f"{SITE}/llms.txt")
    (found,) = refresh.examine(layout, listed, site({}), TODAY)
    assert str(found) == f"unreachable -  {SITE}/llms.txt\n    {SITE}/llms.txt: is gone"


def test_an_index_in_another_encoding_is_read_all_the_same(layout: Layout) -> None:
    listed = page_list.PageList([], f"{SITE}/llms.txt", [f"{SITE}/"])
    text = f"\xe9 [A]({SITE}/a.md)".encode("latin-1")
    (found,) = refresh.examine(layout, listed, site({"llms.txt": text}), TODAY)
    assert found.url == f"{SITE}/a.md"


def test_a_page_that_is_new_or_changed_is_noted_and_an_old_one_keeps_its_date(
    layout: Layout,
) -> None:
    listed = page_list.PageList([page_list.Page("b", f"{SITE}/b.md")])
    first, second = page(), page(BLOCK.replace(b"'200'", b"'201'"))

    def note(name: str, raw: bytes, block: bytes, day: str) -> dict[str, str]:
        return {
            "page": f"{SITE}/{name}.md",
            "fetched": day,
            "page_sha256": hashlib.sha256(raw).hexdigest(),
            "fragment_sha256": hashlib.sha256(block).hexdigest(),
        }

    def refreshed(raw: bytes, day: dt.date) -> list[str]:
        found = refresh.examine(layout, listed, site({"b.md": raw}), day)
        return sorted(path.name for path in refresh.apply(layout, found))

    later = TODAY + dt.timedelta(days=1)
    old = BLOCK + b"\n"
    new = old.replace(b"'200'", b"'201'")
    assert refreshed(first, TODAY) == ["b.yaml", "provenance.json"]
    for raw, day, changed in (
        (first, TODAY, ["a.yaml", "provenance.json"]),
        (first, later, []),
        (second, later, ["a.yaml", "provenance.json"]),
    ):
        source = refresh.Source("a.md", raw, "a", f"{SITE}/a.md")
        done = refresh.import_page(layout, source, day)
        assert sorted(path.name for path in done) == changed
    assert refreshed(first, later) == []
    assert (layout.fragments / "a.yaml").read_bytes() == new
    notes = {
        "a": note("a", second, new, "2026-11-22"),
        "b": note("b", first, old, "2026-11-21"),
    }
    assert layout.provenance.read_text() == json.dumps(notes, indent=2) + "\n"
    layout.provenance.write_text(json.dumps({"a": notes["a"]}))
    assert refreshed(first, later) == ["provenance.json"]
    layout.provenance.write_text("[]")
    with pytest.raises(PipelineError) as caught:
        refreshed(first, later)
    assert str(caught.value) == f"{layout.provenance}: is not a table of fragments and their pages"


P = f"{SITE}/p.md"
BAD: dict[str, tuple[Any, str]] = {
    "gone": ((404, {}, b""), "is gone (HTTP 404)"),
    "gone for good": ((410, {}, b""), "is gone (HTTP 410)"),
    "another status": ((201, {}, b""), "answers HTTP 201"),
    "too large": (
        (200, {}, b"x" * (fetching.MAX_BYTES + 1)),
        "is larger than 5000000 bytes: not a docs page",
    ),
    "a web page by type": (
        (200, {"content-type": "text/html; charset=utf-8"}, b"x"),
        f"answers a web page, perhaps a login ({P}): use the address of the .md form",
    ),
    "a web page": (
        (200, {}, b" \n<HTML lang=en>"),
        f"answers a web page, perhaps a login ({P}): use the address of the .md form",
    ),
    "elsewhere": (
        (302, {"location": "https://else.example/p.md?k=s"}, b""),
        "redirects to another host (https://else.example/p.md): correct the address in pages.toml",
    ),
    "elsewhere, below a name of its own": (
        (302, {"location": "https://docs.login.example/p.md"}, b""),
        (
            "redirects to another host (https://docs.login.example/p.md): correct the address in "
            "pages.toml"
        ),
    ),
    "another scheme": (
        (302, {"location": "ftp://docs.example/p.md"}, b""),
        "redirects to another host (ftp://docs.example/p.md): correct the address in pages.toml",
    ),
    "a login": (
        (302, {"location": "/Sign-In?next=p"}, b""),
        f"redirects to a login page ({SITE}/Sign-In): save the page and import the file",
    ),
    "round and round": ((302, {"location": "/p.md"}, b""), "redirects more than 5 times"),
    "no connection": (httpx2.ConnectError("no route"), "cannot be fetched: no route"),
}


@pytest.mark.parametrize(("answer", "says"), BAD.values(), ids=BAD.keys())
def test_what_is_not_the_page_is_told_in_these_words(answer: Any, says: str) -> None:
    def respond(_: httpx2.Request) -> httpx2.Response:
        if isinstance(answer, Exception):
            raise answer
        status, headers, body = answer
        return httpx2.Response(status, headers=headers, content=body)

    with pytest.raises(PipelineError) as caught:
        fetching.fetch(f"{P}?key=secret", httpx2.MockTransport(respond))
    assert str(caught.value) == f"{P}: {says}"
    assert isinstance(caught.value, fetching.GoneError) == says.startswith("is gone")


def hopping(times: int, body: bytes) -> httpx2.MockTransport:
    """A site that sends its readers on so many times; it knows of no patience but one for all."""
    hops = iter(range(times))

    def respond(request: httpx2.Request) -> httpx2.Response:
        assert set(request.extensions["timeout"].values()) == {None}
        assert request.method == "GET"
        number = next(hops, None)
        if number is None:
            return httpx2.Response(200, content=body)
        return httpx2.Response(302, headers={"location": f"/{number}.md?k=s"})

    return httpx2.MockTransport(respond)


def test_a_page_of_just_the_largest_size_after_five_redirects_is_taken() -> None:
    page = b"x" * fetching.MAX_BYTES
    assert fetching.fetch(P, hopping(5, page)) == page
    with pytest.raises(fetching.UnreachableError) as caught:
        fetching.fetch(P, hopping(6, page))
    assert str(caught.value) == f"{P}: redirects more than 5 times"


def test_a_web_page_behind_redirects_is_told_with_its_own_address() -> None:
    with pytest.raises(fetching.UnreachableError) as caught:
        fetching.fetch(P, hopping(2, b"<!doctype html>"))
    assert str(caught.value) == (
        f"{P}: answers a web page, perhaps a login ({SITE}/1.md): use the address of the .md form"
    )


def test_a_web_page_is_known_by_its_first_200_bytes() -> None:
    late = b"\n" * 196 + b"<html>"
    assert fetching.fetch(P, hopping(0, late)) == late
    with pytest.raises(fetching.UnreachableError, match="answers a web page"):
        fetching.fetch(P, hopping(0, late[1:]))


def test_what_is_no_address_is_told_without_what_is_secret_in_it() -> None:
    with pytest.raises(fetching.UnreachableError, match=r"^http://a:b/x: is not an address: "):
        fetching.fetch("http://me:pass@a:b/x?k=s")


def test_a_file_that_is_no_page_is_told_in_these_words(tmp_path: Path) -> None:
    file = tmp_path / "p.md"
    for size, says in ((fetching.MAX_BYTES, None), (fetching.MAX_BYTES + 1, "is larger than")):
        file.write_bytes(b"x" * size)
        if says is None:
            assert len(fetching.read_source(str(file))) == size
            continue
        with pytest.raises(PipelineError, match=f"^{file}: {says} 5000000 bytes: not a docs page$"):
            fetching.read_source(str(file))
    with pytest.raises(PipelineError, match=r"cannot be read: No such file or directory$"):
        fetching.read_source(str(tmp_path / "none"))


def test_stale_entries_are_told_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(
        '[[decision]]\nquestion = "q"\ndecision = "d"\nactions = ["a $.x", "b $.y"]\nrules = [\n'
        "  'r',\n  's',\n]\n"
    )
    assert settings.read_decisions(path) == [
        settings.Decision("q", "d", ("a $.x", "b $.y"), ("r", "s"))
    ]
    found = [str(p) for p in settings.stale_decisions(path, ["a $.x"], ["s"])]
    assert found == [
        f"{path}:4: stale: there is no overlay action 'b $.y'; adapt or delete the entry",
        f"{path}:6: stale: there is no rule 'r'; adapt or delete the entry",
    ]
    path.write_text('[[page]]\nfragment = "a"\n[[page]]\nfragment = "b"\n')
    assert [str(p) for p in settings.stale_pages(path, ["a"])] == [
        (
            f"{path}:4: stale: there is no fragment 'b'; fetch it with `make refresh`, or delete "
            "the entry"
        )
    ]
    path.write_text('[[decision]]\nquestion = "é"\ndecision = 1\n', "utf-8")
    assert settings.read_decisions(path) == [settings.Decision("é", "1")]
    notes = tmp_path / "n.json"
    notes.write_text("[1]")
    assert [*settings.stale_provenance(notes, [])] == []
    notes.write_text('{\n"a": {},\n"b": {}}')
    assert [str(p) for p in settings.stale_provenance(notes, ["a"])] == [
        f"{notes}:3: #/b: stale: there is no fragment 'b'; delete the note"
    ]
    for text, says in (
        ("[[decision]]\n", "needs [[decision]] tables with `question` and `decision`"),
        ("decision = 1\n", "needs [[decision]] tables with `question` and `decision`"),
        ("decision = [1]\n", "needs [[decision]] tables with `question` and `decision`"),
    ):
        path.write_text(text)
        with pytest.raises(PipelineError) as caught:
            settings.read_decisions(path)
        assert str(caught.value) == f"{path}: {says}"
    path.write_text("[")
    with pytest.raises(PipelineError, match=f"^{path}: is not TOML: "):
        settings.read_decisions(path)
    path.write_text("page = [1]\n[[more]]\n")
    assert [*settings.stale_pages(path, [])] == []
    none = tmp_path / "none"
    assert settings.read_decisions(none) == []
    assert [*settings.stale_pages(none, []), *settings.stale_provenance(none, [])] == []


def test_the_to_do_list_is_numbered_and_says_what_waits() -> None:
    todo = (Problem("first", "a.yaml", 3, "/x"), Problem("second"))
    assert str(Status(())) == "nothing is left to do"
    assert str(Status(todo)) == f"to do, in this order:\n  1. {todo[0]}\n  2. {todo[1]}"
    assert str(Status(todo[1:], is_whole=False)) == (
        "to do, in this order:\n  1. second\n"
        "     then `akool-faceswap contract status` again: the next steps need this"
    )


def test_what_the_linter_says_is_read_whole() -> None:
    where = {"source": {"ref": "/a/b.yaml"}, "pointer": "#/x"}
    problem = {"location": [where], "ruleId": "r", "severity": "warn", "message": "a\n  b"}
    root = problem | {"location": [{"source": {"ref": "b.yaml"}}]}
    text = f"noise {json.dumps({'problems': [problem]})}\n{json.dumps({'problems': [root]})}\n{{}}"
    one, other = linting.parse(text)
    assert str(one) == "b.yaml: #/x: a b [r]"
    assert one == linting.Fault("b.yaml", "r", "warn", "#/x", "a b")
    assert other == linting.Fault("b.yaml", "r", "warn", "#", "a b")


def test_a_changelog_keeps_what_stands_around_its_entry() -> None:
    before = f"# Head\n\n{changelog.BEGIN}\nold\n{changelog.END}\n\n## 1.0\n"
    after = changelog.insert(before, "new\n")
    assert after == f"# Head\n\n{changelog.BEGIN}\n\nnew\n\n{changelog.END}\n\n## 1.0\n"
    assert changelog.insert(after, "new\n") == after
    for broken in (before.replace(changelog.BEGIN, ""), before.replace(changelog.END, "")):
        with pytest.raises(PipelineError) as caught:
            changelog.insert(broken, "new")
        assert str(caught.value) == (
            f"CHANGELOG.md: needs the lines {changelog.BEGIN} and {changelog.END} where the entry "
            "belongs"
        )
