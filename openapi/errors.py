"""What can go wrong.

OpenApiError
├── ConflictError   two services declare what cannot stand in one document
└── ClientError     the generator of the client does not take the document
"""


class OpenApiError(Exception):
    """Base; the message says what is wrong and where."""


class ConflictError(OpenApiError):
    """Two services declare what cannot stand in one document."""


class ClientError(OpenApiError):
    """The generator of the client does not take the document."""
