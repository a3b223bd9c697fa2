"""Makes requests: by hand-picked bodies, by hypothesis, by the client."""
