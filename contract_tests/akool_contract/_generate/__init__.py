"""Makes requests: from bodies picked by hand, by hypothesis, by the client."""
