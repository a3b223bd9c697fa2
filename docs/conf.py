"""Sphinx settings: builds offline, warnings are errors (`make docs`)."""

import re
from importlib.metadata import version as _version

project = "akool-faceswap"
author = "The akool-faceswap founders"
copyright = "2026, the akool-faceswap founders. Unofficial: not affiliated with the vendor"  # noqa: A001 - Sphinx's name
release = version = _version("akool-faceswap")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
]
myst_enable_extensions = ["colon_fence", "deflist", "attrs_block"]
myst_heading_anchors = 3
exclude_patterns = ["site"]
html_theme = "furo"
html_title = "akool-faceswap"
html_show_sphinx = False
html_static_path = ["static"]
html_css_files = ["tables.css"]
# No web fonts and no remote scripts: the site must work from a disk.
html_theme_options = {"source_repository": "", "footer_icons": []}
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
autodoc_default_options = {"members": True}
suppress_warnings = ["myst.header"]
copybutton_prompt_text = r"\$ "
copybutton_prompt_is_regexp = True

_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)(\w?)")


def _from_markdown(*event: object) -> None:
    """Our docstrings write `code` as Markdown does, and samples as indented blocks."""
    _, what, _, _, _, lines = event  # autodoc's signature: app, what, name, obj, options, lines
    lines[:] = [
        _CODE.sub(lambda m: f"``{m[1]}``" + (f"\\ {m[2]}" if m[2] else ""), line) for line in lines
    ]
    if what != "module":
        return
    for at in range(len(lines) - 1, 0, -1):
        begins = lines[at].startswith("    ") and not lines[at - 1].strip()
        before = next((x for x in reversed(lines[:at]) if x.strip()), "")
        if begins and not before.startswith("    "):
            lines[at:at] = ["::", ""]


def setup(app: object) -> None:
    """Registers the hook above."""
    app.connect("autodoc-process-docstring", _from_markdown)
