"""What the answers of face swap look like: the only place that knows an operation by name."""
