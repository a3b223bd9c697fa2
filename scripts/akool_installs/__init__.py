"""`make newest` and `make oldest`: what people run, from the wheel, with other versions than ours.

A lock protects us; bounds protect users. For each extra: an empty environment that gets the wheel
with the newest (or the lowest) versions that the bounds in `pyproject.toml` allow; then every
command of `commands`. One whose extra is there must do its work; any other must say in one line
which extra it needs, and end with exit code 2. Not part of the wheel. Needs the package index.
"""
