"""`python -m akool_pipeline ...`: the pipeline's commands without the rest of the command line."""

from akool_pipeline.cli import app

app(prog_name="akool_pipeline")
