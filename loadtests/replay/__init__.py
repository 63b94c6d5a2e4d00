"""What of an order log is played, and when: `words` checks what was asked for, `reading` reads the log, `recording` is
what came of it.
"""
