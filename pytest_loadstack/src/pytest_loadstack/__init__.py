"""pytest fixtures for tests against a Loadstack sandbox: see docs/testing.md of Loadstack."""

from pytest_loadstack.events import Event, Events
from pytest_loadstack.inbox import Message
from pytest_loadstack.sandbox import Sandbox
from pytest_loadstack.session import SandboxSession
from pytest_loadstack.wait_for import WaitFor

__all__ = ["Event", "Events", "Message", "Sandbox", "SandboxSession", "WaitFor"]
