"""Newsmorgue's crawl: decide (core), read (reading), fetch (fetching), ask archives (archives)."""

__version__ = "0.1.0"
