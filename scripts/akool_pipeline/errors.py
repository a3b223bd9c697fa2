"""What can be wrong with the pipeline's input; every message says what and where."""


class PipelineError(Exception):
    """The input cannot be used. One line a fault; nothing was written."""
