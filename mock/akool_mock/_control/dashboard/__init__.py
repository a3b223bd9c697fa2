"""The pages under `/_mock/`: a dashboard, and the API reference rendered from the contract.

Both work offline: the files lie beside this module, in `static` ours, in `swagger_ui` Swagger UI's,
unchanged, with its licence and its version: `make swagger-ui` takes them from the npm package.
They get their data from the control plane like everybody else. Which requests may come here at
all, the control plane decides before.
"""
