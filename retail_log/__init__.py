"""Reads a retail order log, line by line: CSV in the columns of UCI's Online Retail.

https://archive.ics.uci.edu/dataset/352/online+retail

`make seed FROM=…` makes products and customers of it (`bootstrap.order_log`), `make load SCENARIO=replay` plays its
orders (`loadtests.replay`). What a line is, which are sales, and by which id the shop knows a product and a customer is
said here for both. Nothing of ours is imported.
"""
