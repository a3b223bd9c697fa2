"""`pytest contract_tests`, in a clone: the same as `pytest --pyargs akool_contract.conformance`."""

from akool_contract.conformance import test_conforms, test_the_target_could_be_checked

__all__ = ["test_conforms", "test_the_target_could_be_checked"]
