"""Types of the fields of events. What they hold is told by the schemas and checked in tests: at run time our own code
is trusted, and a consumer takes whatever it can use.
"""

from typing import Annotated

from pydantic import WithJsonSchema

Time = Annotated[str, WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"})]
"""UTC with milliseconds, see `common.clock`."""

CorrelationId = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"})]
"""As in the header X-Correlation-Id."""

Id = Annotated[str, WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 64})]
Cents = Annotated[int, WithJsonSchema({"type": "integer", "minimum": 0})]
Quantity = Annotated[int, WithJsonSchema({"type": "integer", "minimum": 1})]
