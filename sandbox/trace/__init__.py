"""``make trace``: the journey of one order, from the request to the mail, out of the functions' logs.

`lines` finds the log lines, `journey` makes hops of them, `screen` shows these, `command` is the command.
"""
