"""Feeds and sitemaps read: bytes as received to a `Listing`, in the reading workers.

`listing.read_listing` is the one way in. Nothing here fetches, and nothing here imports Scrapy.
"""
