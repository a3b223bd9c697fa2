"""An independent, correct server of the whole API, written from the documented facts only.

It shares no code with the simulator. Where the two agree, the suite's view of "correct" rests on
two readings of the documentation. Where the documentation leaves a choice, `Variant` has a switch:
the suite must accept every lawful server.
"""

from akool_contract_proof.reference.core import Reference
from akool_contract_proof.reference.serve import ReferenceServer
from akool_contract_proof.reference.variant import Variant

__all__ = ["Reference", "ReferenceServer", "Variant"]
