"""The face for ordinary code and threads."""
