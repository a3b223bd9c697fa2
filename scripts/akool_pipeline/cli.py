"""`akool-faceswap contract ...`: one small command for each step of the pipeline.

Bad input is one line per fault on stderr and exit code 2, never a traceback.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import enum
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from akool_pipeline.errors import PipelineError, Problem
from akool_pipeline.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akool_pipeline.diff import Change

app = typer.Typer(
    name="contract",
    add_completion=False,  # the root command has it
    help="Build the contract from docs pages, generate the client, compare and lint.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Root = Annotated[
    Path, typer.Option(help="Folder that holds `openapi/` and `generated/`.", show_default="here")
]


Name = Annotated[str, typer.Option(help="Name of the contract, and of its client's package.")]


@contextlib.contextmanager
def _one_line_errors() -> Iterator[None]:
    try:
        yield
    except PipelineError as error:
        for problem in error.problems:
            typer.echo(f"contract: {problem}", err=True)
        raise typer.Exit(2) from None
    except OSError as error:
        typer.echo(f"contract: {error.filename or 'input'}: {error.strerror or error}", err=True)
        raise typer.Exit(2) from None


class OnConflict(enum.StrEnum):
    """What `build` does if two products define one name differently."""

    ERROR = "error"
    NAMESPACE = "namespace"


Conflicts = Annotated[
    OnConflict,
    typer.Option(help="What to do if two products share a name: report it, or rename by title."),
]


def _say_what_is_left(places: Layout, on_conflict: OnConflict, *, client: bool) -> bool:
    """Print the to-do list; whether it is empty."""
    # Imported here: not every command has a contract to look at.
    from akool_pipeline.releasing import status  # noqa: PLC0415

    by_namespace = on_conflict is OnConflict.NAMESPACE
    found = status.look(places, by_namespace=by_namespace, client=client)
    typer.echo(str(found))
    return not found.todo


@app.command()
def build(
    root: Root = Path(),
    name: Name = "akool-faceswap",
    on_conflict: Conflicts = OnConflict.ERROR,
) -> None:
    """Merge the fragments, apply the overlays, validate, write the contract."""
    # Imported here: `--help` and `generate` need no validator.
    from akool_pipeline.building.build import build as build_contract  # noqa: PLC0415

    with _one_line_errors():
        places = Layout(root, name)
        by_namespace = on_conflict is OnConflict.NAMESPACE
        try:
            changed, built = build_contract(places, by_namespace=by_namespace)
        except PipelineError as error:
            again = "nothing was written; `akool-faceswap contract status` lists what is left to do"
            raise PipelineError.of([*error.problems, Problem(again)]) from error
        for note in built.merged.notes:
            typer.echo(f"note: {note}")
        state = "written" if changed else "up to date"
        typer.echo(f"{places.contract}: {state}")


@app.command()
def generate(
    root: Root = Path(), name: Name = "akool-faceswap", on_conflict: Conflicts = OnConflict.ERROR
) -> None:
    """Generate the client package from the built contract, and print what is left to do."""
    from akool_pipeline.documents import document  # noqa: PLC0415
    from akool_pipeline.generating.generate import generate as generate_client  # noqa: PLC0415

    with _one_line_errors():
        places = Layout(root, name)
        contract = document.read(places.contract)
        settings = places.generator_settings
        known = settings if settings.is_file() else None
        for item in generate_client(contract, known, places.client):
            typer.echo(f"left out: {item}")
        typer.echo(f"{places.client}: generated")
        _say_what_is_left(places, on_conflict, client=False)


@app.command()
def status(
    root: Root = Path(), name: Name = "akool-faceswap", on_conflict: Conflicts = OnConflict.ERROR
) -> None:
    """Print what is left to do, in order, with file and line. Exit code 1 if anything is."""
    with _one_line_errors():
        is_done = _say_what_is_left(Layout(root, name), on_conflict, client=True)
    if not is_done:
        raise typer.Exit(1)


@app.command("import")
def import_page(  # noqa: PLR0913 - a command line has options
    page: Annotated[str, typer.Argument(help="File or address of a docs page's Markdown form.")],
    *,
    name: Annotated[
        str, typer.Option(help="Name of the fragment. Default: the name of the page.")
    ] = "",
    address: Annotated[
        str, typer.Option(help="Address where the page was published, if you import a file.")
    ] = "",
    contract: Annotated[str, typer.Option(help="Name of the contract.")] = "akool-faceswap",
    root: Root = Path(),
    on_conflict: Conflicts = OnConflict.ERROR,
) -> None:
    """Write the OpenAPI block of a docs page as a fragment, and print what is left to do."""
    from akool_pipeline.sources import fetching, refresh  # noqa: PLC0415

    with _one_line_errors():
        raw = fetching.read_source(page)
        stem = name or page.rstrip("/").rpartition("/")[2].removesuffix(".md")
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", stem):
            raise PipelineError("needs a --name of a-z, 0-9 and -", file=page)
        places = Layout(root, contract)
        published = address or (page if fetching.is_url(page) else Path(page).name)
        source = refresh.Source(page, raw, stem, published)
        changed = refresh.import_page(places, source, _today())
        state = "written" if changed else "up to date"
        typer.echo(f"{places.fragments / stem}.yaml: {state}")
        _say_what_is_left(places, on_conflict, client=False)


@app.command("refresh")
def refresh_pages(
    root: Root = Path(), name: Name = "akool-faceswap", on_conflict: Conflicts = OnConflict.ERROR
) -> None:
    """Fetch every page of pages.toml. Updates all fragments, or none if a page cannot be used."""
    from akool_pipeline import page_list  # noqa: PLC0415
    from akool_pipeline.sources import fetching, refresh  # noqa: PLC0415

    with _one_line_errors():
        places = Layout(root, name)
        findings = refresh.examine(
            places, page_list.read_list(places.page_list), fetching.fetch, _today()
        )
        for finding in findings:
            typer.echo(str(finding))
        refresh.apply(places, findings)
        _say_what_is_left(places, on_conflict, client=False)


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


class Format(enum.StrEnum):
    """How `diff` prints what it finds."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="The old contract.")],
    new: Annotated[Path, typer.Argument(help="The new contract.")],
    output: Annotated[
        Format, typer.Option("--format", help="How to print the changes.")
    ] = Format.TEXT,
) -> None:
    """Print what changed between two contracts. Exit code 1 if a change breaks callers."""
    from akool_pipeline.building import fragments  # noqa: PLC0415
    from akool_pipeline.building.validate import validate  # noqa: PLC0415
    from akool_pipeline.diff import compare, render  # noqa: PLC0415
    from akool_pipeline.documents import document  # noqa: PLC0415

    with _one_line_errors():
        before, after = (document.read(path) for path in (old, new))
        for source in (before, after):
            fragments.check(source)
            validate(source.data, source.name, source.locate)
        changes = compare(before.data, after.data)
        show = {
            Format.TEXT: render.text,
            Format.MARKDOWN: render.markdown,
            Format.JSON: render.as_json,
        }[output]
        typer.echo(show(changes), nl=False)
    if any(change.severity.breaks for change in changes):
        raise typer.Exit(1)


@app.command()
def lint(
    root: Root = Path(),
    name: Name = "akool-faceswap",
    redocly: Annotated[
        Path | None,
        typer.Option(
            help="Path of Redocly's executable. Lint with it too, and lint the raw pages."
        ),
    ] = None,
) -> None:
    """Lint the built contract. Exit code 1 if a rule finds something.

    Without Redocly, only the build's own checks are made; it says which rules were not run.
    """
    from akool_pipeline import checking  # noqa: PLC0415
    from akool_pipeline.building import emit  # noqa: PLC0415
    from akool_pipeline.building.validate import validate  # noqa: PLC0415
    from akool_pipeline.documents import document  # noqa: PLC0415
    from akool_pipeline.releasing import linting  # noqa: PLC0415

    with _one_line_errors():
        places = Layout(root, name)
        contract = document.read(places.contract)
        validate(contract.data, contract.name, contract.locate)
        own = checking.check(contract.data)
        faults = [linting.own_fault(places.contract.name, finding) for finding in own]
        rules = places.lint_rules if places.lint_rules.is_file() else None
        if redocly is None:
            skipped = ", ".join(linting.rules(rules))
            typer.echo(f"not run, because they need Node (`make lint-spec`, --redocly): {skipped}")
        else:
            files = [places.contract, *sorted(places.fragments.glob("*.yaml"))]
            faults += linting.lint(redocly, rules, files)
            if places.lint_findings.parent.is_dir():
                emit.write_files({places.lint_findings: linting.findings_page(faults, files[1:])})
    mine = [fault for fault in faults if fault.file == places.contract.name]
    for fault in mine:
        typer.echo(str(fault), err=True)
    typer.echo(f"{places.contract}: {len(mine)} findings")
    if mine:
        raise typer.Exit(1)


@app.command()
def changelog(
    root: Root = Path(),
    name: Name = "akool-faceswap",
    *,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Write nothing. Fail if the contract broke callers without a new major version.",
        ),
    ] = False,
) -> None:
    """Write what changed since the last release into CHANGELOG.md, or check the version number."""
    from akool_pipeline.building import emit  # noqa: PLC0415
    from akool_pipeline.documents import document  # noqa: PLC0415
    from akool_pipeline.releasing import changelog as log  # noqa: PLC0415
    from akool_pipeline.releasing import status  # noqa: PLC0415

    faults: list[Change] = []
    where = ""
    with _one_line_errors():
        places = Layout(root, name)
        if not places.released.is_file():
            raise PipelineError(
                "is missing: `akool-faceswap contract release` saves the built contract as the "
                "release that later ones are compared with",
                file=places.released,
            )
        released, now = document.read(places.released), document.read(places.contract_json)
        faults = log.check(released.data, now.data)
        if not check:
            path = places.changelog
            old = path.read_text("utf-8") if path.is_file() else log.EMPTY
            emit.write_files({path: log.insert(old, log.entry(released.data, now.data))})
            typer.echo(f"{path}: written")
        where = status.version_place(places) if faults else ""
    for fault in faults:
        typer.echo(f"contract: #{fault.pointer}: {fault.message} [{fault.rule}]", err=True)
    if faults:
        typer.echo(
            "contract: it broke since the last release: give info.version a new major version "
            f"(before 1.0 a new minor one) in {where}",
            err=True,
        )
        raise typer.Exit(1)


@app.command()
def release(root: Root = Path(), name: Name = "akool-faceswap") -> None:
    """Save the built contract as the last release. Later contracts are compared with it."""
    from akool_pipeline.building import emit  # noqa: PLC0415

    with _one_line_errors():
        places = Layout(root, name)
        emit.write_files({places.released: places.contract_json.read_bytes()})
        typer.echo(f"{places.released}: written")
