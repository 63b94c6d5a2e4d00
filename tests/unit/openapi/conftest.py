"""The generator imports the services, as a function's process does."""

import os

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
