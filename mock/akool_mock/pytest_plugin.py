"""pytest plugin: to be written."""
