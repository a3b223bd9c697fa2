"""The command starts fast, in any installation, and loads only what it is asked for."""

import os
import subprocess
import sys
from importlib.metadata import EntryPoint, version

import pytest

from akool_faceswap.cli import main
from akool_faceswap.cli._commands import plugin
from akool_faceswap.cli._exit import Exit
from akool_faceswap.cli._problems import Problem


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )


WITHOUT = "import sys; sys.modules[{!r}] = None; from akool_faceswap.cli import main; "


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_the_base_install_tells_its_version(missing: str) -> None:
    done = python(WITHOUT.format(missing) + "sys.exit(main(['--version']))")
    assert (done.returncode, done.stdout) == (0, f"akool-faceswap {version('akool-faceswap')}\n")


def test_without_the_extra_one_line_says_what_to_install() -> None:
    done = python(WITHOUT.format("typer") + "sys.exit(main(['credit']))")
    assert done.returncode == Exit.USAGE
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "pip install 'akool-faceswap[cli]'" in done.stderr


def test_help_lists_the_commands_of_other_packages_without_importing_them() -> None:
    done = python(
        "import sys; from akool_faceswap.cli import main; code = main(['--help']); "
        "print('loaded', sorted(m for m in sys.modules if m.startswith('akool_mock')"
        " or m.startswith('akool_contract') or m.startswith('akool_pipeline') or m == 'httpx2'));"
        "sys.exit(code)"
    )
    assert done.returncode == Exit.DONE
    assert "loaded []" in done.stdout
    for name in ("mock", "verify", "contract"):
        assert f" {name} " in done.stdout


def test_help_shows_every_exit_code_with_its_meaning(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == Exit.DONE
    shown = " ".join(capsys.readouterr().out.split())
    for code in Exit:
        assert f"{code.value} {code.meaning}" in shown


def test_a_plugin_without_its_extra_names_the_extra_in_one_line() -> None:
    verify = plugin(EntryPoint("verify", "not_installed_here:app", "akool_faceswap.commands"))
    with pytest.raises(Problem, match=r"pip install 'akool-faceswap\[contract\]'") as caught:
        verify.make_context("verify", ["--help"])
    assert caught.value.exit_code == Exit.USAGE


@pytest.mark.parametrize("arguments", [["no-such-command"], ["--no-such-option"], []])
def test_wrong_usage_ends_with_2_and_says_where_help_is(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == Exit.USAGE
    assert "akool-faceswap --help" in capsys.readouterr().err


def test_a_shell_can_complete_commands() -> None:
    asked = {
        "_AKOOL_FACESWAP_COMPLETE": "complete_bash",
        "COMP_WORDS": "akool-faceswap ver",
        "COMP_CWORD": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", "from akool_faceswap.cli import main; main([])"],
        env={**os.environ, **asked}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "verify" in done.stdout


@pytest.mark.parametrize("command", ["contract", "mock", "verify", "swap", "webhook"])
def test_only_the_root_offers_to_install_completion(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--help"]) == 0
    assert "completion" not in capsys.readouterr().out
