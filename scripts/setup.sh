#!/bin/sh
# Makes .venv and fills it from a hash-checked lock: `scripts/setup.sh demo|dev`.
# Says in one line what is missing; a second run with unchanged locks does nothing.
set -eu
cd "$(dirname "$0")/.."
what=${1:-dev}
lock=requirements/$what.txt
venv=.venv
stamp=$venv/.installed-$what

die() { echo "setup: $1" >&2; exit 2; }

[ -f "$lock" ] || die "no lock file $lock: use 'demo' or 'dev'"
want=$(cat "$lock" pyproject.toml | cksum)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && [ -x $venv/bin/python ]; then exit 0; fi
# The tests' lock holds all that the demo's does.
if [ "$what" = demo ] && [ -f $venv/.installed-dev ] && [ -x $venv/bin/python ] \
  && [ "$(cat $venv/.installed-dev)" = "$(cat requirements/dev.txt pyproject.toml | cksum)" ]; then exit 0; fi

python=${PYTHON:-}
if [ -z "$python" ]; then
  for candidate in python3 python python3.14 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null 2>&1 \
      && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
    then python=$candidate; break; fi
  done
fi
[ -n "$python" ] || die "no Python 3.11 or newer found: install one, or name it with PYTHON=/path/to/python"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
  || die "$python is not Python 3.11 or newer: name another with PYTHON=/path/to/python"
"$python" -c 'import venv, ensurepip' >/dev/null 2>&1 \
  || die "$python has no venv module: install it (Debian: apt-get install python3-venv)"

[ -x $venv/bin/python ] || "$python" -m venv $venv || die "could not create $venv"
echo "setup: installing $(grep -c '^[a-zA-Z0-9].*==' "$lock") locked packages into $venv ($what)" >&2
scripts/install_lock.sh $venv/bin/python "$lock" . -e || exit 2
echo "$want" > "$stamp"
