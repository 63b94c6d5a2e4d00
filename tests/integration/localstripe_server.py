"""localstripe, a stand-in for Stripe, as a process: ``python localstripe_server.py PORT``, where it is installed.

By itself it listens on every interface, and keeps a file in /tmp that all its processes share.
"""

import sys

from aiohttp import web
from localstripe import resources, server

resources.store.dump_to_disk = lambda: None
web.run_app(server.app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
