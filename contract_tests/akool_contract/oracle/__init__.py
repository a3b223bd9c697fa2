"""What the documentation says about a request: must be accepted, must be refused, or is left open.

The oracle reads the request's bytes and nothing else (besides the credentials it was told of), so
one judgement serves generated requests, hand-made ones, and those of the ergonomic client.
Where the documentation is silent the verdict is "open" and both answers conform.
"""
