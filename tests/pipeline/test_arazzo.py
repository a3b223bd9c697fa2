"""The Arazzo document: what `x-job` says, read and run by tools that are not ours."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from akool_mock import MockServer, Settings
from akool_openapi import load
from akool_openapi.operations import operations
from akool_pipeline.building.arazzo import describe

ROOT = Path(__file__).resolve().parents[2]
ARAZZO = ROOT / "openapi" / "akool-faceswap.arazzo.yaml"
SUBMITS = sorted(spec.name for spec in operations(load()) if spec.job)


def task_api(job_schema: dict[str, Any], **poll: str) -> dict[str, Any]:
    """Another product: one submit, one operation that tells how its task stands."""
    content = {"application/json": {"schema": {"properties": {"data": job_schema}}}}
    body = {"description": "ok", "content": content}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Tasks", "version": "1"},
        "paths": {
            "/tasks": {
                "post": {
                    "operationId": "createTask",
                    "responses": {"200": {"description": "ok"}},
                    "x-job": {
                        "id": "$response.body#/data/id",
                        "poll": {
                            "operationId": "readTask",
                            "parameter": "$request.path.id",
                            "job": "$response.body#/data",
                            **poll,
                        },
                        "fields": {"status": "/state", "result": "/file"},
                        "statuses": {"succeeded": ["done"], "failed": ["it's broken", False]},
                    },
                }
            },
            "/tasks/{id}": {
                "get": {
                    "operationId": "readTask",
                    "responses": {"200": {"description": "", **body}},
                }
            },
        },
    }


def steps(document: dict[str, Any]) -> dict[str, Any]:
    described = describe(document, "./x.yaml")
    assert described is not None
    (workflow,) = described["workflows"]
    return {step["stepId"]: step for step in workflow["steps"]}


def test_every_submit_is_a_workflow() -> None:
    described = describe(load(), "./x.yaml")
    assert described is not None
    assert sorted(w["workflowId"] for w in described["workflows"]) == SUBMITS


def test_the_committed_workflows_are_those_of_the_contract() -> None:
    written = yaml.safe_load(ARAZZO.read_text("utf-8"))
    assert describe(load(), "./akool-faceswap.yaml") == written


def test_a_contract_without_jobs_has_no_workflows() -> None:
    document = load()
    for item in document["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                operation.pop("x-job", None)
    assert describe(document, "./x.yaml") is None


def test_a_job_that_is_polled_alone_is_found_where_the_schema_has_it() -> None:
    alone = steps(task_api({"type": "object"}))["poll"]
    listed = steps(task_api({"type": "array", "items": {}}))["poll"]
    assert alone["parameters"] == [
        {"name": "id", "in": "path", "value": "$steps.submit.outputs.job"}
    ]
    assert alone["successCriteria"][-1] == {"condition": "$response.body#/data/state == 'done'"}
    assert listed["successCriteria"][-1] == {"condition": "$response.body#/data/0/state == 'done'"}
    assert "delete" not in steps(task_api({"type": "object"}))


def test_a_job_is_polled_again_unless_it_failed_whatever_the_status_is_called() -> None:
    (again,) = steps(task_api({"type": "object"}))["poll"]["onFailure"]
    place = "$response.body#/data/state"
    assert again["criteria"] == [{"condition": f"{place} != 'it''s broken' && {place} != false"}]
    assert again["type"] == "retry"


@pytest.fixture
def redocly(node_tools: Path) -> Path:
    return node_tools / ".bin" / "redocly"


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | quiet
    )


@pytest.mark.node
def test_the_workflows_are_valid_to_the_linter_of_others(redocly: Path) -> None:
    done = run(redocly, "lint", ARAZZO)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.node
def test_a_runner_of_others_takes_every_submit_to_its_end_on_the_mock(redocly: Path) -> None:
    # Real time, as the runner is a process of its own: long enough for one answer "not yet".
    with MockServer(settings=Settings(queue_s=0.3, processing_s=0.3)) as mock:
        done = run(
            redocly, "respect", ARAZZO,
            "--server", f"contract={mock.url}", "--input", f"apiKey={mock.api_key}",
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"Workflows: {len(SUBMITS)} passed, {len(SUBMITS)} total" in done.stdout
        assert mock.control.jobs() == []
