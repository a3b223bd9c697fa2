"""`python -m akool_mock`: the same as `akool-faceswap mock`."""

from akool_mock.cli import app

app(prog_name="python -m akool_mock")
