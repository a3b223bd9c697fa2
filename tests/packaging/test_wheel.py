"""The wheel is what users get: whole, the same bytes twice, working away from the checkout."""

import importlib.metadata
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.xdist_group("packaging"), pytest.mark.timeout(300)]


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build(into: Path) -> Path:
    run(
        sys.executable, "-m", "build", "--no-isolation", "--outdir", into, ROOT,
        cwd=ROOT, env={**os.environ, "SOURCE_DATE_EPOCH": "1750000000"},
    )  # fmt: skip
    return into


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    return next(dist.glob("*.whl"))


def test_the_same_tree_builds_the_same_bytes(dist: Path, tmp_path: Path) -> None:
    again = build(tmp_path)
    assert {f.name: f.read_bytes() for f in again.iterdir()} == {
        f.name: f.read_bytes() for f in dist.iterdir()
    }


def test_the_metadata_passes_the_index_checks(dist: Path) -> None:
    run(sys.executable, "-m", "twine", "check", "--strict", *dist.iterdir(), cwd=dist)


@pytest.mark.parametrize(
    "member",
    [
        "akool_faceswap/py.typed",
        "akool_faceswap_api/client.py",
        "akool_mock/pytest_plugin.py",
        "akool_mock/prism/node/package-lock.json",
        "akool_mock/prism/node/shim.cjs",
        "akool_contract/__init__.py",
        "akool_contract/conformance/test_checks.py",
        "akool_pipeline/__init__.py",
        "akool_openapi/contract.json",
    ],
)
def test_one_wheel_carries_every_package_and_the_contract(wheel: Path, member: str) -> None:
    assert member in zipfile.ZipFile(wheel).namelist()


def test_the_wheel_carries_the_licences_of_what_others_wrote(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    names = set(archive.namelist())
    (notices,) = (name for name in names if name.endswith(".dist-info/licenses/THIRD-PARTY.md"))
    told = archive.read(notices).decode()
    generator = importlib.metadata.distribution("openapi-python-client")
    licence = next(file for file in generator.files or () if file.match("licenses/LICENSE"))
    assert licence.read_text().strip() in told
    others = "akool_mock/_control/dashboard/swagger_ui/"
    assert others in told
    texts = {"LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"}
    assert {others + text for text in texts} <= names
    # What we did not write lies in folders of its own: no script or style but these is minified.
    scripts = [name for name in names if name.endswith((".js", ".css", ".cjs"))]
    longest = {name: max(map(len, archive.read(name).splitlines())) for name in scripts}
    assert all(name.startswith(others) for name, length in longest.items() if length > 1000)


def test_the_wheel_carries_no_tests_and_no_scratch_files(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "akool_faceswap",
        "akool_batch",
        "akool_faceswap_api",
        "akool_mock",
        "akool_contract",
        "akool_pipeline",
        "akool_openapi",
    }


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty environment that got the wheel and nothing else by name."""
    home = tmp_path_factory.mktemp("home") / "venv"
    venv.create(home, with_pip=True)
    run(home / "bin" / "python", "-m", "pip", "install", "-qq", wheel, cwd=home)
    return home


def test_the_wheel_imports_away_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    seen = run(
        installed / "bin" / "python", "-c",
        "import akool_faceswap; print(akool_faceswap.__file__); akool_faceswap.FaceSwap",
        cwd=tmp_path,
    )  # fmt: skip
    assert str(installed) in seen


def test_the_installed_command_tells_its_version(installed: Path, tmp_path: Path) -> None:
    assert run(installed / "bin" / "akool-faceswap", "--version", cwd=tmp_path).strip()


def test_calling_the_api_needs_at_most_ten_distributions(installed: Path, tmp_path: Path) -> None:
    lines = run(
        installed / "bin" / "python", "-c",
        "import importlib.metadata as m; print(*(d.name for d in m.distributions()), sep='\\n')",
        cwd=tmp_path,
    ).split()  # fmt: skip
    assert len(set(lines) - {"pip", "setuptools"}) <= 10
