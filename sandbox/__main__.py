import sys

from sandbox import early_interrupts

try:
    early_interrupts.listen()
    from sandbox.cli import run
except KeyboardInterrupt:  # the libraries take half a second to import
    sys.stderr.write("\nInterrupted.\n")
    sys.exit(130)

run()
