"""To be filled when the client is there."""
