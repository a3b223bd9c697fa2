"""The first process of a private network; started by `command`, with the order on a pipe."""

import sys

from akool_mock._server.intercept.command import inside
from akool_mock._world.settings import MockError

USAGE_ERROR = 2

if __name__ == "__main__":
    try:
        code = inside(int(sys.argv[1]))
    except MockError as error:
        sys.stderr.write(f"akool-faceswap mock run: {error}\n")
        code = USAGE_ERROR
    sys.exit(code)
