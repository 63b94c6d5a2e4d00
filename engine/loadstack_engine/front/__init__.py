"""LocalStack's HTTP front: a C parser and a thread a connection, and a short way for hot routes.

``server`` accepts, ``connection`` reads requests and writes answers, ``general`` hands a request to LocalStack as its
Twisted front does, ``hot_routes`` takes some requests past LocalStack's chain of handlers.
"""
