"""An independent, correct server of the whole API, written from the documented facts only.

It shares no line with the simulator: where the two agree, the suite's view of "correct" rests on
two readings of the documentation, and where the documentation leaves a choice, `Variant` has a
switch, so that the suite can be held to accepting every permissible server.
"""

from akool_contract_proof.reference.core import Reference
from akool_contract_proof.reference.serve import ReferenceServer
from akool_contract_proof.reference.variant import Variant

__all__ = ["Reference", "ReferenceServer", "Variant"]
