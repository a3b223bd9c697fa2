"""Pictures and videos as bytes: what they are, where they end, and those on this machine."""
