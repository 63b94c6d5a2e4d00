"""``python -m compat``: see :mod:`compat.cli`."""

from compat.cli import main

if __name__ == "__main__":
    main()
