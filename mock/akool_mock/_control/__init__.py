"""The control plane under `/_mock/`, its client in Python, and scenario files."""
