"""`python -m akool_contract`."""

from akool_contract.cli import main

main()
