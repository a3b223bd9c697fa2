#!/usr/bin/env python3
"""Stands in for commands that a test must not run in full; checks what can be wrong.

make TARGET...   every target must exist in the checkout's Makefile
pip install X    every extra named must be one of the distribution's
git, podman      accepted as they are; `git show REV:FILE` prints the checkout's file
"""

import os
import re
import sys
import tomllib
from pathlib import Path

root = Path(os.environ["CHECKOUT"])
name, arguments = Path(sys.argv[0]).name, sys.argv[1:]

if name == "make":
    makefile = (root / "Makefile").read_text()
    rules = re.findall(r"^([a-z -]+):.*(?:##|#-) ", makefile, re.MULTILINE)
    targets = {name for rule in rules for name in rule.split()}
    missing = [a for a in arguments if "=" not in a and not a.startswith("-") and a not in targets]
    if missing:
        sys.exit(f"make: no such target: {', '.join(missing)}")
elif name == "pip":
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    for wanted in re.findall(r"akool-faceswap\[([^\]]*)\]", " ".join(arguments)):
        for extra in wanted.split(","):
            if extra.strip() not in project["optional-dependencies"]:
                sys.exit(f"pip: no such extra: {extra}")
elif name == "git" and arguments[:1] == ["show"]:
    sys.stdout.write((root / arguments[1].split(":", 1)[1]).read_text())
