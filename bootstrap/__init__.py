"""The stack: declared once as data (`resources`, `shop`), checked whole (`validate`), packaged, created with
boto3, rendered as a SAM template (`template`).

Nothing here prints or reads the command line: functions take plain values, tell what they do through a
`progress` callable and raise errors whose text can be shown to a developer as it is (see `errors`).
"""
