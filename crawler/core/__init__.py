"""Pure decisions and the domain's values.

Nothing in this package opens a socket, a file or a database, and nothing in it looks at a clock:
`now` is always an argument. Every function takes values and returns frozen values, so each
decision can be replayed from what the database and the WARC hold.
"""
