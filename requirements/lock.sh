#!/bin/sh
# Resolves the lock files again: hashes, no addresses. Needs `uv`: that of `make setup`, or one on the PATH.
set -eu
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH
flags="--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate -q"
uv pip compile $flags "$@" pyproject.toml --extra all --group dev -o requirements/dev.txt
# The mutation tester stands beside the tests' lock, not in it.
uv pip compile $flags --group pyproject.toml:mutation -c requirements/dev.txt -o requirements/mutation.txt
# The demo needs less than the tests; the same versions serve both, so that one .venv serves both.
uv pip compile $flags pyproject.toml requirements/build.in --extra cli --extra mock --extra spec -c requirements/dev.txt -o requirements/demo.txt
