"""Shows that the contract suite finds defects: a reference server and a table of defects.

Not part of the wheel. `make mutants` runs it; a fast subset runs in `make test`.
"""
