"""Lint the contract, and with the same rules the raw fragments, to show what is published.

The rules are Redocly's plus some of our own (`openapi/redocly.yaml`). Redocly needs Node, so
nothing that builds or generates depends on this module; `make lint-spec` installs it from its own
lock.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from akool_pipeline.documents import document
from akool_pipeline.errors import PipelineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from akool_pipeline.checking import Finding

STANDARD: Final = "recommended-strict"
"""Redocly's own set of rules, for a project that states none."""
_QUIET: Final = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
"""Redocly asks the network for nothing."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What a rule found.

    Attributes:
        file: Name of the linted file, without its folder.
        rule: Name of the rule.
        severity: `error` or `warn`.
        pointer: Where in the document, with a leading `#`.
        message: What is wrong.
    """

    file: str
    rule: str
    severity: str
    pointer: str
    message: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.file}: {self.pointer}: {self.message} [{self.rule}]"


def own_fault(file: str, finding: Finding) -> Fault:
    """What the build's own checks found, as a linter tells it."""
    return Fault(
        file, "contract/agrees-with-itself", "error", f"#{finding.pointer}", finding.message
    )


def rules(config: Path | None) -> list[str]:
    """The rules and sets of rules that `config` has Redocly run.

    Raises:
        PipelineError: It cannot be read.
    """
    if config is None:
        return [STANDARD]
    source = document.read(config)
    data = source.data if isinstance(source.data, dict) else {}
    stated = data.get("rules") or {}
    return [*data.get("extends", ()), *(name for name, level in stated.items() if level != "off")]


def lint(redocly: Path, config: Path | None, files: Sequence[Path]) -> list[Fault]:
    """Run Redocly over `files`.

    Args:
        redocly: Its executable.
        config: Its rules; None takes its own `recommended-strict`.
        files: OpenAPI documents.

    Raises:
        PipelineError: It is not installed, or did not get as far as linting.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own tool on our own files
            [
                redocly, "lint", *files,
                *(["--extends", STANDARD] if config is None else ["--config", config]),
                "--format", "json", "--max-problems", "10000",
            ],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **_QUIET},
        )  # fmt: skip
    except OSError as error:
        raise PipelineError(
            "cannot be run: install it with `make lint-spec`, which needs Node", file=redocly
        ) from error
    faults = list(parse(done.stdout))
    if done.returncode and not faults:
        last = (done.stderr.strip() or "said nothing").splitlines()[-1]
        raise PipelineError(f"failed: {last}", file=redocly)
    return faults


def parse(output: str) -> Iterable[Fault]:
    """The faults in Redocly's JSON output: one document after another, one for each linted file."""
    decoder = json.JSONDecoder()
    place = 0
    while place < len(output):
        if output[place] != "{":
            place += 1
            continue
        report: dict[str, Any]
        try:
            report, place = decoder.raw_decode(output, place)
        except json.JSONDecodeError as error:
            raise PipelineError(f"Redocly's answer is not JSON: {error}") from error
        for problem in report.get("problems", ()):
            where = problem["location"][0]
            yield Fault(
                Path(where["source"]["ref"]).name,
                problem["ruleId"],
                problem["severity"],
                where.get("pointer") or "#",
                " ".join(problem["message"].split()),
            )


RULES: Final = {
    "contract/answers-promise-something": "answer that requires nothing",
    "contract/codes-are-told": "failure fits as success",
    "contract/numbers-have-names": "numbers without names",
    "info-license": "no licence",
    "no-unused-components": "leftover schemas",
    "operation-operationId": "operation without a name",
    "operation-tag-defined": "tags never described",
    "rule/bodies-are-shown": "body without an example",
}
"""What the rules that fire on fragments find, in words."""


def findings_page(faults: Sequence[Fault], fragments: Sequence[Path]) -> str:
    """docs/lint-findings.md: what the contract's rules find in the raw fragments."""
    names = {path.name for path in fragments}
    rules = sorted({fault.rule for fault in faults if fault.file in names})
    lines = [
        "# Lint findings in the published pages",
        "",
        "Written by `make lint-spec`. Each number counts the findings of one rule in one fragment.",
        "The merged contract has none. The rules are in `openapi/redocly.yaml`.",
        "",
        f"| fragment | {' | '.join(RULES.get(rule, rule) for rule in rules)} |",
        f"|---|{'---|' * len(rules)}",
    ]
    for path in fragments:
        counts = [
            sum(fault.file == path.name and fault.rule == rule for fault in faults)
            for rule in rules
        ]
        lines.append(f"| {path.stem} | {' | '.join(str(count or '-') for count in counts)} |")
    lines += ["", "Rules: " + ", ".join(f"`{rule}`" for rule in rules) + ".", ""]
    return "\n".join(lines)
