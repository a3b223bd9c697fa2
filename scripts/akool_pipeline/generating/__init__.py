"""From the contract to the client package: what the generator is given, and what is made of it."""
