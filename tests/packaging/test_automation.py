"""The workflows, the action, the hooks and the Containerfile name only what there is."""

import os
import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    *sorted((ROOT / ".github").rglob("*.yml")),
    ROOT / ".pre-commit-config.yaml",
]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def strings(node: Any) -> Iterator[str]:
    """Every text in a parsed file."""
    if isinstance(node, dict):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)
    elif isinstance(node, str):
        yield node


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_every_make_target_it_calls_exists(file: Path) -> None:
    texts = list(strings(yaml.safe_load(file.read_text("utf-8"))))
    assert texts
    called = {
        word
        for text in texts
        for match in re.findall(r"\bmake ((?:-s )?[a-z][a-z -]*)", text)
        for word in match.split()
        if not word.startswith("-")
    }
    assert called <= TARGETS


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_every_local_file_it_uses_exists(file: Path) -> None:
    text = file.read_text("utf-8")
    for local in re.findall(r"uses: \./(\S+)", text):
        assert (ROOT / local / "action.yml").is_file()
    for lock in re.findall(r"requirements/\w+\.txt", text):
        assert (ROOT / lock).is_file()


def test_the_container_copies_and_runs_what_there_is() -> None:
    lines = (ROOT / "Containerfile").read_text("utf-8").splitlines()
    copied = [shlex.split(line)[1] for line in lines if line.startswith("COPY")]
    assert copied
    assert all((ROOT / path).exists() for path in copied)
    scripts = (ROOT / "pyproject.toml").read_text("utf-8").split("[project.scripts]")[1]
    entry = next(line for line in lines if line.startswith("ENTRYPOINT"))
    assert entry.split('"')[1] in scripts


def test_the_container_listens_beyond_itself_only_by_its_own_words() -> None:
    text = (ROOT / "Containerfile").read_text("utf-8")
    assert 'CMD ["--host", "0.0.0.0"' in text
    assert "127.0.0.1:8080:8080" in text


GH = """#!/bin/sh
printf '%s\\n' "$*" >> "$CALLS"
[ "$2" != list ] || printf '%s' "$OPEN"
"""


@pytest.mark.parametrize(("already_open", "said"), [("", "issue create"), ("7", "issue comment 7")])
def test_what_a_nightly_run_has_to_say_is_said_in_one_issue(
    tmp_path: Path, already_open: str, said: str
) -> None:
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)
    body, calls = tmp_path / "body.md", tmp_path / "calls"
    environment = {
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "CALLS": str(calls), "OPEN": already_open,
    }  # fmt: skip
    command = [ROOT / ".github/issue", "The docs changed", body]
    subprocess.run(command, env=environment, check=True)
    assert not calls.exists()  # there was nothing to say
    body.write_text("x" * 70_000)
    subprocess.run(command, env=environment, check=True)
    listed, last = calls.read_text().splitlines()
    assert listed.startswith("issue list --state open")
    assert last.startswith(said)
    assert Path(last.split("--body-file ")[1]).stat().st_size < 65_536


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_every_step_in_bash_parses(file: Path) -> None:
    for text in strings(yaml.safe_load(file.read_text("utf-8"))):
        if "\n" in text:
            script = re.sub(r"\$\{\{.*?\}\}", "x", text)
            subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def test_the_refresh_asks_for_what_it_does_and_no_more() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/refresh.yml").read_text("utf-8"))
    assert set(workflow["permissions"]) == {"contents", "pull-requests", "issues"}


@pytest.mark.parametrize(
    ("outcome", "label", "says"),
    [
        ("success", "not-breaking", ()),
        ("failure", "needs-decision", ("## What failed", "requests.py:145: error: no such name")),
    ],
)
def test_a_pull_request_says_which_step_of_the_rebuild_failed(
    tmp_path: Path, outcome: str, label: str, says: tuple[str, ...]
) -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/refresh.yml").read_text("utf-8"))
    (steps,) = (job["steps"] for job in workflow["jobs"].values())
    (script,) = (step["run"] for step in steps if step.get("name") == "say what changed")
    script = script.replace("${{ steps.rebuild.outcome }}", outcome)
    for name in ("openapi", "generated", "client", "docs", ".venv/bin", ".github"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "CHANGELOG.md").touch()
    (tmp_path / "docs" / "contract.md").touch()
    for name, text in {
        ".venv/bin/akool-faceswap": "exit 0\n",
        ".github/pull-request": 'echo "$5" > label\ncat "$4"\n',
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "log").write_text("1 page changed\n")
    (tmp_path / "rebuilt").write_text("requests.py:145: error: no such name\n")
    environment = os.environ | {"RUNNER_TEMP": str(tmp_path), "BRANCH": "b", "RUN": "r"}
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=tmp_path, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert (tmp_path / "label").read_text().strip() == label
    assert ("## What failed" in done.stdout) is bool(says)
    assert all(text in done.stdout for text in ("## What the pages changed", *says))


class TestThePullRequest:
    """One for what a refresh changed; what people add to it stays."""

    @pytest.fixture
    def environment(self, tmp_path: Path) -> dict[str, str]:
        gh = tmp_path / "bin" / "gh"
        gh.parent.mkdir()
        gh.write_text(GH)
        gh.chmod(0o755)
        names = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL")
        environment = {
            **dict.fromkeys(names, "me"),
            "PATH": f"{gh.parent}{os.pathsep}{os.environ['PATH']}",
            "CALLS": str(tmp_path / "calls"), "OPEN": "", "HOME": str(tmp_path),
        }  # fmt: skip
        origin, clone = tmp_path / "origin", tmp_path / "clone"
        for command in (
            ["init", "--quiet", "--bare", "--initial-branch=main", origin],
            ["clone", "--quiet", origin, clone],
        ):
            subprocess.run(["git", *command], env=environment, check=True, capture_output=True)
        self.commit(tmp_path, environment, "first")
        self.git(tmp_path, environment, "push", "--quiet", "origin", "HEAD:main")
        return environment

    def git(self, folder: Path, environment: dict[str, str], *command: str) -> str:
        done = subprocess.run(
            ["git", *command],
            cwd=folder / "clone", env=environment, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout

    def commit(self, folder: Path, environment: dict[str, str], name: str) -> None:
        (folder / "clone" / name).touch()
        self.git(folder, environment, "add", name)
        self.git(folder, environment, "commit", "--quiet", "--message", name)

    def run(self, folder: Path, environment: dict[str, str], *arguments: str) -> list[str]:
        calls = folder / "calls"
        calls.write_text("")
        command = [ROOT / ".github/pull-request", *arguments]
        subprocess.run(command, cwd=folder / "clone", env=environment, check=True)
        return [line for line in calls.read_text().splitlines() if not line.startswith("pr list")]

    def say(self, folder: Path, environment: dict[str, str], name: str, label: str) -> list[str]:
        (folder / "clone" / name).touch()
        self.git(folder, environment, "add", name)
        (folder / "body.md").write_text("x" * 70_000)
        body = str(folder / "body.md")
        return self.run(folder, environment, "say", "r/c", "T", body, label)

    def test_is_opened_with_its_text_and_its_label(self, tmp_path, environment) -> None:
        said = self.say(tmp_path, environment, "page", "breaking")
        assert said[-1].startswith("pr create --head r/c --title T --body-file ")
        assert said[-1].endswith("--label breaking")
        assert (tmp_path / "body.md.short").stat().st_size < 65_536
        assert sum("label create" in line for line in said) == 3
        listed = self.git(tmp_path, environment, "ls-tree", "--name-only", "origin/r/c")
        assert listed.split() == ["first", "page"]

    def test_that_is_open_is_added_to_and_gets_its_new_label(self, tmp_path, environment) -> None:
        self.say(tmp_path, environment, "page", "needs-decision")
        self.commit(tmp_path, environment, "decided-by-a-person")
        self.git(tmp_path, environment, "push", "--quiet", "origin", "HEAD:r/c")
        self.git(tmp_path, environment, "switch", "--quiet", "main")
        environment["OPEN"] = "7"
        assert self.run(tmp_path, environment, "start", "r/c") == []
        said = self.say(tmp_path, environment, "next", "not-breaking")
        assert said[-1].startswith("pr edit 7 --title T --body-file ")
        assert "--add-label not-breaking --remove-label breaking,needs-decision" in said[-1]
        listed = self.git(tmp_path, environment, "ls-tree", "--name-only", "origin/r/c")
        assert listed.split() == ["decided-by-a-person", "first", "next", "page"]

    def test_that_was_closed_begins_again_from_what_is_merged(self, tmp_path, environment) -> None:
        self.say(tmp_path, environment, "page", "breaking")
        self.git(tmp_path, environment, "switch", "--quiet", "main")
        assert self.run(tmp_path, environment, "start", "r/c") == []
        self.say(tmp_path, environment, "other", "breaking")
        listed = self.git(tmp_path, environment, "ls-tree", "--name-only", "origin/r/c")
        assert listed.split() == ["first", "other"]


def test_every_action_of_others_is_pinned_to_a_commit_and_names_its_version() -> None:
    """A tag can be moved to other code; a commit cannot."""
    files = sorted((ROOT / ".github").rglob("*.yml"))
    used = [line for file in files for line in re.findall(r"uses: (.+)", file.read_text("utf-8"))]
    pinned = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+")
    assert len(used) > 5
    assert [name for name in used if not name.startswith("./") and not pinned.fullmatch(name)] == []


def test_faults_are_planted_nightly_in_every_part() -> None:
    parts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mutation"]
    nightly = yaml.safe_load((ROOT / ".github/workflows/nightly.yml").read_text("utf-8"))
    assert nightly["jobs"]["mutation"]["strategy"]["matrix"]["part"] == list(parts)
    folders = ("client", "contract_tests", "scripts")
    for part in parts.values():
        for pattern in part["modules"]:
            assert any(any((ROOT / folder).glob(pattern)) for folder in folders), pattern
        for test in (*part["tests"], *part.get("without", ())):
            assert (ROOT / test).exists(), test


TEMPLATES = [
    ROOT / ".ci" / "verify.gitlab-ci.yml",
    ROOT / ".ci" / "verify.Jenkinsfile",
    ROOT / ".github" / "actions" / "verify" / "action.yml",
]


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda f: f.name)
def test_a_template_for_ci_uses_options_that_there_are_and_keeps_every_report(file: Path) -> None:
    text = file.read_text("utf-8").replace("\\\n", " ")
    (line,) = re.findall(r"akool-faceswap\"? verify (.* --report .*)", text)
    options = set(re.findall(r"(?<!\S)--[a-z-]+", line))
    known = set(re.findall(r"`(--[a-z-]+)", (ROOT / "docs" / "verify.md").read_text("utf-8")))
    assert "--report" in options
    assert options <= known
    for report in re.findall(r"--report (?:json|junit|html)=(\S+?)['\"]?(?:\s|$)", line):
        assert report in text.replace(line, "") or "report.*" in text
    assert not re.search(r"--api-key|AKOOL_API_KEY\}?['\"]? *=", text)


def test_the_gitlab_template_is_one_job_that_keeps_its_junit_report_also_when_it_fails() -> None:
    (job,) = yaml.safe_load(TEMPLATES[0].read_text("utf-8")).values()
    assert job["artifacts"]["when"] == "always"
    assert job["artifacts"]["reports"]["junit"] in job["artifacts"]["paths"]
    assert all(isinstance(step, str) for step in job["script"])
