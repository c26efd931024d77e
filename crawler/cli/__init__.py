"""The command line. Starting it costs little: each command imports what it needs by itself."""

from crawler.cli.app import main

__all__ = ["main"]
