"""`akool-faceswap contract ...`: one small command for each step of the pipeline."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from akool_pipeline import build as building
from akool_pipeline.errors import PipelineError
from akool_pipeline.generate import generate as generate_client

app = typer.Typer(help="Build, generate and compare the contract.", no_args_is_help=True)


def _say_no(error: PipelineError) -> None:
    print(f"contract: {error}", file=sys.stderr)  # noqa: T201 - the command's output
    raise typer.Exit(2)


@app.command()
def build() -> None:
    """Merge the fragments, apply the overlays, validate, write the contract."""
    try:
        document = building.contract(Path("openapi"))
    except PipelineError as error:
        _say_no(error)
    else:
        building.write(document, Path("openapi"))
        typer.echo(f"openapi/akool-faceswap.yaml: {len(document['paths'])} paths")


@app.command()
def generate() -> None:
    """Generate the client from the contract."""
    try:
        generate_client(Path("openapi"), Path("generated"))
    except PipelineError as error:
        _say_no(error)
    else:
        typer.echo("generated/akool_faceswap_api")
