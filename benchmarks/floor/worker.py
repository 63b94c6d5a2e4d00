"""A function process of the floor: ``python worker.py FOLDER NAME`` answers an event a line with a result a line.

Runs under the runtime's interpreter, and imports nothing of ours but the function.
"""

import importlib
import json
import os
import sys


def main(folder: str, name: str) -> None:
    sys.path.insert(0, folder)
    results = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what the function prints
    handler = importlib.import_module(name).handler
    for line in sys.stdin.buffer:
        results.write(json.dumps(handler(json.loads(line), None)).encode() + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
