"""The generator's settings file."""

from __future__ import annotations

from pathlib import Path

from attrs import evolve
from openapi_python_client.config import Config, ConfigFile, MetaType
from pydantic import ValidationError

from akool_pipeline.documents import document
from akool_pipeline.errors import PipelineError
from akool_pipeline.generating import names


def read(settings: Path | None, output: Path) -> Config:
    """The generator's configuration, to write into `output`; its own where there is no file.

    Raises:
        PipelineError: The file holds no settings of the generator.
    """
    stated_data = document.read(settings).data if settings else None
    try:
        stated = ConfigFile(**(stated_data or {}))
    except (ValidationError, TypeError) as error:
        raise PipelineError(f"not settings of the generator: {error}", file=settings) from error
    stated.post_hooks = []
    return Config.from_sources(
        stated,
        meta_type=MetaType.NONE,
        document_source=Path("contract"),
        file_encoding="utf-8",
        overwrite=True,
        output_path=output,
    )


def effective(config: Config) -> Config:
    """The configuration with our own overrides under those of the file."""
    return evolve(config, class_overrides={**names.class_overrides(), **config.class_overrides})
