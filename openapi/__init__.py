"""The API's description, made from the code: docs/openapi.yaml, and the typed client that is generated from it."""
