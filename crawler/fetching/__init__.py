"""Scrapy components, one a file: address guard, robots, slots, caps; and what they are told by."""
