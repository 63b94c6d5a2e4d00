"""`python -m loadtests`: see `loadtests.cli`."""

from loadtests.cli import main

if __name__ == "__main__":
    main()
