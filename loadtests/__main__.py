"""`python -m loadtests`: see `loadtests.cli`."""

import sys

if __name__ == "__main__":
    try:
        from loadtests.cli import main
    except KeyboardInterrupt:  # the libraries take a moment to import
        sys.stderr.write("\nInterrupted: no report was written.\n")
        sys.exit(130)
    main()
