"""`python -m loadtests.compare`: see `loadtests.compare.cli`."""

from loadtests.early_signals import ends_at_once

if __name__ == "__main__":
    with ends_at_once():  # the libraries take a moment to import
        from loadtests.compare.cli import main
    main()
