"""JSON Schemas (2020-12) of what goes over the bus and the topic, one file a type and version.

They are made of the models, and of what each producer promises beyond them (`catalogue`): `make schemas` writes them,
a test keeps them current and tells a breaking change (`compatibility`). Tests validate with them; functions never do,
so this folder is not deployed.
"""
