"""What goes over the wire: plain values, strict readers, and the contract's own words."""
