"""The Loadstack engine: what makes LocalStack 4.14.0 an engine that can be load-tested without Docker."""

__version__ = "0.1.0"
