"""The contract pipeline: docs pages to fragments, fragments and overlays to one contract, contract to client.

Works on files and knows no operation by name. Nothing imports this package; its commands are
`akool-faceswap contract ...` and `python -m akool_pipeline ...`.
"""
