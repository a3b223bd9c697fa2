"""Recordings of runs: written without secrets, and played back as a target."""
