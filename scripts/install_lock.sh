#!/bin/sh
# The one way to install a lock: `scripts/install_lock.sh PYTHON LOCK CHECKOUT [-e]`.
# PYTHON is the interpreter of the environment that is filled; with -e the checkout is installed as it lies there.
# A lock is complete, so exactly what it names is installed (--no-deps): asked for the dependencies of a locked
# `name[extra]`, pip would resolve them anew, and stop at the first release that is newer than the lock.
# Whether the lock really is complete, `pip check` says at the end.
set -eu
python=$1 lock=$2 checkout=$3 editable=${4:-}

die() { echo "install: $1" >&2; exit 2; }
pip() { "$python" -m pip --disable-pip-version-check "$@"; }

pip install -qq --no-deps --require-hashes -r "$lock" \
  || die "the packages of $lock could not be installed: the lines above say why"
pip install -qq --no-deps --no-build-isolation $editable "$checkout" \
  || die "the checkout could not be installed: the lines above say why"
found=$(pip check) || die "$lock and the checkout do not fit together; run 'make lock': $found"
