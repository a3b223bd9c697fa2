"""Generators of other people take the contract as it is, and what they make reaches the mock.

Each generates, compiles, and makes calls with the addresses that the contract names.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from akool_mock._server.intercept import network

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = ROOT / "openapi" / "akool-faceswap.yaml"
PROGRAMS = Path(__file__).with_name("programs") / "generated"
RUN = [str(Path(sys.executable).with_name("akool-faceswap")), "mock", "run", "--"]
ANSWERED = "true 1"
"""What each program prints: the job that it started is the one in the list, and it has one face."""

pytestmark = [pytest.mark.node, pytest.mark.xdist_group("generators")]

STRICT = {
    "strict": True, "target": "es2022", "lib": ["es2022", "dom", "dom.iterable"], "types": [],
    "module": "commonjs", "moduleResolution": "node10", "outDir": "out",
}  # fmt: skip
ORVAL = {
    "target": "api.ts", "client": "fetch", "baseUrl": {"getBaseUrlFromSpecification": True},
}  # fmt: skip
VALIDATOR = "package validator\n\nfunc Validate(interface{}) error { return nil }\n"


def done(*words: str | Path, folder: Path, **more: str) -> str:
    """What a command prints; its complaints, if it fails."""
    ran = subprocess.run(
        words, cwd=folder, env=os.environ | more, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def called(*command: str | Path, folder: Path) -> None:
    """Run a program against the mock; every call of it is answered."""
    ran = subprocess.run([*RUN, *command], cwd=folder, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout.strip()) == (0, ANSWERED), ran.stderr
    assert "called: detectFacesLegacy" in ran.stderr
    assert "refused" not in ran.stderr


def openapi_generator(name: str, out: Path, *words: str) -> None:
    """OpenAPI Generator, from its package on PyPI, where there is Java."""
    if not shutil.which("java"):
        pytest.skip("java is not installed")
    spec = importlib.util.find_spec("openapi_generator_cli")
    assert spec is not None
    assert spec.origin is not None
    jar = Path(spec.origin).with_name("openapi-generator.jar")
    done("java", "-jar", jar, "generate", "-i", DOCUMENT, "-g", name, "-o", out, *words,
         folder=out.parent)  # fmt: skip


class TestTypescript:
    """Those from npm, and typescript-fetch of OpenAPI Generator."""

    @pytest.fixture
    def tools(self, node_tools: Path, tmp_path: Path) -> Path:
        (tmp_path / "node_modules").symlink_to(node_tools)
        return node_tools / ".bin"

    def compiles_and_calls(self, name: str, tools: Path, folder: Path) -> None:
        shutil.copy(PROGRAMS / f"{name}.ts", folder / "program.ts")
        settings = {"compilerOptions": STRICT, "files": ["program.ts"]}
        (folder / "tsconfig.json").write_text(json.dumps(settings), "utf-8")
        done(tools / "tsc", folder=folder)
        if network.why_not() and not self.takes_a_proxy():
            pytest.skip("no private network here, and this Node's fetch takes no proxy")
        called("node", "out/program.js", folder=folder)

    def takes_a_proxy(self) -> bool:
        return int(done("node", "-p", "process.versions.node", folder=ROOT).split(".")[0]) >= 24

    def test_openapi_typescript_takes_it(self, tools: Path, tmp_path: Path) -> None:
        """What has a default may be left out of a request: the option says so."""
        words = ["-o", "api.ts", "--default-non-nullable=false"]
        done(tools / "openapi-typescript", DOCUMENT, *words, folder=tmp_path)
        self.compiles_and_calls("openapi-typescript", tools, tmp_path)

    def test_hey_api_takes_it(self, tools: Path, tmp_path: Path) -> None:
        done(tools / "openapi-ts", "-i", DOCUMENT, "-o", "api", folder=tmp_path)
        self.compiles_and_calls("hey-api", tools, tmp_path)

    def test_orval_takes_it_with_a_server_for_each_path(self, tools: Path, tmp_path: Path) -> None:
        told = {"akool": {"input": str(DOCUMENT), "output": ORVAL}}
        (tmp_path / "orval.config.mjs").write_text(f"export default {json.dumps(told)}", "utf-8")
        done(tools / "orval", folder=tmp_path)
        self.compiles_and_calls("orval", tools, tmp_path)

    def test_typescript_fetch_takes_it(self, tools: Path, tmp_path: Path) -> None:
        openapi_generator("typescript-fetch", tmp_path / "api")
        self.compiles_and_calls("typescript-fetch", tools, tmp_path)


def test_go_takes_it(tmp_path: Path) -> None:
    """With a stand-in for the one module that the generated code asks the network for."""
    if not shutil.which("go"):
        pytest.skip("go is not installed")
    openapi_generator("go", tmp_path, "--git-user-id=stranger", "--git-repo-id=faceswap")
    for name, file, text in (
        ("program", "main.go", (PROGRAMS / "main.go").read_text("utf-8")),
        ("validator", "validator.go", VALIDATOR),
        ("validator", "go.mod", "module gopkg.in/validator.v2\n"),
    ):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / file).write_text(text, "utf-8")
    offline = {"GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local"}
    replace = "gopkg.in/validator.v2=./validator"
    done("go", "mod", "edit", "-replace", replace, folder=tmp_path, **offline)
    done("go", "build", "-o", "run", "./program", folder=tmp_path, **offline)
    called("./run", folder=tmp_path)
