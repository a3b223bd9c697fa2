"""Runs a program that hard-codes the vendor's hosts against the simulator, unchanged.

`hosts` says which hosts a contract speaks for, `authority` makes certificates for them, `proxy`
leads connections to the simulator, `environment` tells programs of both, `network` shuts a program
off from everything else, and `command` puts them together as `akool-faceswap mock run`.
"""
