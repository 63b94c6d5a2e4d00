"""The sandbox on the developer's machine: its set-up, its engine as a process, its command line."""
