"""The HTTP side of a service: `resolver()` and the dependencies that its routes may ask for."""

from common.http.raises import raises
from common.http.resolver import ADMIN, BEARER, CorrelationId, Customer, resolver

__all__ = ["ADMIN", "BEARER", "CorrelationId", "Customer", "raises", "resolver"]
