"""The proof that the contract suite bites: a reference server and a table of defects.

Not part of the wheel. `make mutants` runs it; a fast subset runs in `make test`.
"""
