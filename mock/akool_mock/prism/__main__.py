"""`python -m akool_mock.prism`: install the locked prism-cli ahead of its first use."""

import sys

from akool_mock.prism import PrismError, find_node, install


def main() -> int:
    """Install and say where; 2 if that is not possible."""
    try:
        print(install(find_node()))  # noqa: T201 - the command's answer
    except PrismError as error:
        print(f"prism: {error}", file=sys.stderr)  # noqa: T201 - the command's error
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
