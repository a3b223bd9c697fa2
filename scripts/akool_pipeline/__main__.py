"""Runs the pipeline without the command line package: `python -m akool_pipeline build`."""

from akool_pipeline.cli import app

app()
