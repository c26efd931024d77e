"""The ledger: tables, views, the writer thread, runs and lanes, and the WARC files.

The database is both the record of all that happened and the frontier of what is due next.
Nothing in here knows Scrapy; `crawler.core` decides, this package remembers.
"""
