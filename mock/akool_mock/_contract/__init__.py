"""The contract, compiled, and what it says of requests and answers."""
