"""A mock newspaper and a mock Internet Archive, each a process of its own on loopback.

`newsmorgue demo`, the tests and the benchmarks talk to the same servers.
"""
