"""`python -m akool_mock`: the same as `akool-faceswap mock`.

The command is looked up by name, as it looks up this package: neither imports the other.
"""

import sys
from importlib.metadata import entry_points

(command,) = entry_points(group="console_scripts", name="akool-faceswap")
sys.exit(command.load()(["mock", *sys.argv[1:]]))
