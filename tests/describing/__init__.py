"""What AWS's own describe, get and list calls tell of all that an endpoint holds, as one structure without ids, times
and other accidents: two ways of making the same stack must give the same.

A module a family of services has `describe_…(aws) -> {section: {name: description}}`; `everything` has them all, and
`comparing` finds what differs between two.
"""
