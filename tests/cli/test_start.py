"""The command starts fast, in any installation, and loads only what it is asked for."""

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from akool_faceswap.cli import main
from akool_faceswap.cli._exit import Exit


def python(code: str, folder: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env={**os.environ, **env},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


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


CALLS = {
    "mock": ["mock", "--port", "0"],
    "verify": ["verify", "--profile", "quick"],
    "diff": ["contract", "diff", "a", "b"],
    "build": ["contract", "build"],
    "decode": ["webhook", "decode", "body"],
    "credit": ["credit", "--mock"],
}
ACCOUNT = {"AKOOL_CLIENT_ID": "0123456789abcdef", "AKOOL_CLIENT_SECRET": "0123456789abcdef"}


@pytest.mark.parametrize(
    ("call", "missing", "extra"),
    [
        ("mock", "typer", "cli,mock"),
        ("mock", "orjson", "cli,mock"),
        ("mock", "jsonschema_rs", "cli,mock"),
        ("mock", "uvicorn", "cli,mock"),
        ("verify", "typer", "contract"),
        ("verify", "orjson", "contract"),
        ("verify", "jsonschema_rs", "contract"),
        ("verify", "hypothesis", "contract"),
        ("diff", "yaml", "spec"),
        ("build", "openapi_spec_validator", "spec"),
        ("build", "jsonpath", "spec"),
        ("decode", "cryptography", "webhook"),
        ("credit", "orjson", "mock"),
        ("credit", "jsonschema_rs", "mock"),
    ],
)
def test_a_command_without_its_extra_names_the_extra_in_one_line(
    call: str, missing: str, extra: str, tmp_path: Path
) -> None:
    done = python(WITHOUT.format(missing) + f"sys.exit(main({CALLS[call]!r}))", tmp_path, **ACCOUNT)
    assert (done.returncode, done.stdout) == (Exit.USAGE, "")
    assert done.stderr.count("\n") == 1
    assert f"pip install 'akool-faceswap[{extra}]'" in done.stderr.replace('"', "'")


@pytest.mark.parametrize(
    ("call", "module", "package", "how"),
    [
        ("mock", "uvicorn.protocols.http.httptools_impl", "uvicorn", "moved"),
        ("mock", "uvicorn.protocols.http.httptools_impl", "uvicorn", "without its names"),
        ("verify", "hypothesis.internal.conjecture.providers", "hypothesis", "moved"),
        ("verify", "hypothesis.internal.conjecture.providers", "hypothesis", "without its names"),
        ("build", "jsonpath", "python-jsonpath", "without its names"),
    ],
)
def test_a_package_that_is_built_otherwise_is_named_with_its_version_in_one_line(
    call: str, module: str, package: str, how: str, tmp_path: Path
) -> None:
    fake = "None" if how == "moved" else f"__import__('types').ModuleType({module!r})"
    code = (
        f"import sys; sys.modules[{module!r}] = {fake}; from akool_faceswap.cli import main; "
        f"sys.exit(main({CALLS[call]!r}))"
    )
    done = python(code, tmp_path)
    assert (done.returncode, done.stdout) == (Exit.USAGE, "")
    assert done.stderr.count("\n") == 1
    assert f"{package} {version(package)}" in done.stderr


def test_a_module_of_our_own_that_is_missing_is_no_matter_of_extras() -> None:
    done = python(WITHOUT.format("akool_mock.cli") + "sys.exit(main(['mock']))")
    assert done.returncode == 1
    assert "ModuleNotFoundError" in done.stderr


@pytest.mark.parametrize("package", ["akool_mock", "akool_contract", "akool_pipeline"])
def test_a_package_that_is_run_as_a_module_names_its_extra_too(package: str) -> None:
    done = python(
        "import runpy, sys; sys.modules['typer'] = None; sys.argv[1:] = ['--help']; "
        f"runpy.run_module({package!r}, run_name='__main__')"
    )
    assert (done.returncode, done.stdout) == (Exit.USAGE, "")
    assert done.stderr.count("\n") == 1
    assert "pip install 'akool-faceswap[" in done.stderr


@pytest.mark.parametrize("arguments", [["no-such-command"], ["--no-such-option"], []])
def test_wrong_usage_ends_with_2_and_says_where_help_is(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == Exit.USAGE
    assert "akool-faceswap --help" in capsys.readouterr().err


def completed(words: str, before: str = "") -> subprocess.CompletedProcess[str]:
    return python(
        f"{before}; from akool_faceswap.cli import main; main([])".lstrip("; "),
        _AKOOL_FACESWAP_COMPLETE="complete_bash",
        COMP_WORDS=f"akool-faceswap {words}",
        COMP_CWORD=str(len(words.split())),
    )


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("ver", "verify"),
        ("verify --prof", "--profile"),
        ("swap im", "image"),
        ("swap image --fa", "--faces"),
    ],
)
def test_a_shell_can_complete_commands_and_their_options(typed: str, offered: str) -> None:
    assert offered in completed(typed).stdout


def test_a_shell_that_completes_a_command_without_its_extra_is_offered_nothing() -> None:
    done = completed("verify --prof", "import sys; sys.modules['orjson'] = None")
    assert done.stderr == ""


@pytest.mark.parametrize("command", ["contract", "mock", "verify", "swap", "webhook"])
def test_only_the_root_offers_to_install_completion(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--help"]) == 0
    assert "completion" not in capsys.readouterr().out
