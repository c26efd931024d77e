"""`python -m crawler` is `newsmorgue`."""

from crawler.cli import main

if __name__ == "__main__":
    main()
