"""How long merging takes as the number of pages grows, and whether that is linear.

`python benchmarks/merge.py` merges 125, 250, 500 and 1,000 made-up fragments of one operation each,
all sharing the same components, and prints the median time of each size and the time per fragment
relative to the smallest size: 1.0 everywhere would be perfectly linear. Reading and checking the
files is counted too, as `make spec` does both.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path

from akool_pipeline.building import emit
from akool_pipeline.building.fragments import load_folder
from akool_pipeline.building.merge import merge

SIZES = (125, 250, 500, 1000)
ROUNDS = 5


def page(number: int) -> dict[str, object]:
    """A fragment about as large as a published one."""
    fields = {f"field_{i}": {"type": "string", "description": f"Field {i}"} for i in range(20)}
    answer = {"$ref": "#/components/schemas/Answer"}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Made up", "version": "1.0.0"},
        "servers": [{"url": "https://api.example"}],
        "security": [{"Key": []}],
        "paths": {
            f"/things/{number}": {
                "post": {
                    "operationId": f"make{number}",
                    "requestBody": {
                        "content": {
                            "application/json": {
                                "schema": {"$ref": f"#/components/schemas/Request{number}"}
                            }
                        }
                    },
                    "responses": {
                        "200": {
                            "description": "Made",
                            "content": {"application/json": {"schema": answer}},
                        }
                    },
                }
            }
        },
        "components": {
            "schemas": {
                f"Request{number}": {"type": "object", "properties": fields},
                "Answer": {"type": "object", "properties": fields},
            },
            "securitySchemes": {"Key": {"type": "apiKey", "in": "header", "name": "x-api-key"}},
        },
    }


def measure(folder: Path) -> tuple[float, float]:
    """Median seconds of reading, and of merging and rendering."""
    reading, merging = [], []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        fragments = load_folder(folder)
        read = time.perf_counter()
        emit.to_yaml(merge(fragments).data)
        reading.append(read - start)
        merging.append(time.perf_counter() - read)
    return statistics.median(reading), statistics.median(merging)


def main() -> None:
    """Print the table."""
    base = 0.0
    print("| fragments | read, s | merge and render, s | total per fragment, relative |")
    print("|---|---|---|---|")
    for size in SIZES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for number in range(size):
                text = json.dumps(page(number), indent=1)
                (folder / f"p{number:04}.yaml").write_text(text, encoding="utf-8")
            reading, merging = measure(folder)
        each = (reading + merging) / size
        base = base or each
        print(f"| {size} | {reading:.2f} | {merging:.2f} | {each / base:.2f} |")


if __name__ == "__main__":
    main()
