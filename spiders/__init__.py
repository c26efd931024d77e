"""The spiders: ordinary Scrapy spiders that claim what is due and record how it ended."""
