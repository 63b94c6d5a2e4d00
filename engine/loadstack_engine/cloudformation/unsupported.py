"""Types that nothing here can make: left out, and told where somebody looks."""

from collections.abc import Mapping
from typing import Any

from loadstack_engine.cloudformation.models import Event, Request, done
from loadstack_engine.notices import NOTICES

# What LocalStack gives for a Ref to such a resource.
UNKNOWN = "unknown"


class UnsupportedProvider:
    """Makes nothing, so that the rest of the stack can be; a Ref to it is ``unknown``, and so are its attributes.

    Told by the log, ``/_loadstack/health`` (``make status``) and the reason in the stack's events.
    """

    SCHEMA: Mapping[str, Any] = {"primaryIdentifier": ["/properties/LoadstackUnknown"]}

    def __init__(self, type_name: str) -> None:
        self._type = type_name

    def create(self, request: Request) -> Event:
        reason = f"Left out: nothing here makes a resource of {self._type}"
        NOTICES.add(f"Stack {request.stack_name}, {request.logical_resource_id}: {reason[0].lower()}{reason[1:]}.")
        return done({"LoadstackUnknown": UNKNOWN}, reason)

    def update(self, request: Request) -> Event:
        return self.create(request)

    def delete(self, request: Request) -> Event:
        return done({})
