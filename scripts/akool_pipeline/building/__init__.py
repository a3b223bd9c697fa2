"""From fragments and overlays to the contract, and from the contract to the generated client."""
