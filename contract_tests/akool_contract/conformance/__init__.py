"""The conformance suite under plain pytest: `pytest --pyargs akool_contract.conformance`."""
