"""The HTTP side of a service: `resolver()` and the dependencies that its routes may ask for."""

from common.http.resolver import BEARER, Customer, resolver

__all__ = ["BEARER", "Customer", "resolver"]
