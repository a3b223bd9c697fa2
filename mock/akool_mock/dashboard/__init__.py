"""The pages under `/_mock/`: a dashboard, and the API reference rendered from the contract.

Both work offline: our own files lie beside this module, Swagger UI's come from the package offapi.
They get their data from the control plane like everybody else. Which requests may come here at
all, the control plane decides before.
"""
