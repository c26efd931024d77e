"""The measure of the judge: cases made of living pages, and figures of what it says of them.

`sources` reads real pages with their known text, `sample` makes small ones. `surgery` cuts them
open, `layouts` has places and markups of notices, `frames` whole pages; `cases` and `lookalikes`
make the cases. `trial` reads and judges each, `figures` counts, `floors` says what is to be
reached. What the cases say is data: `wordings.toml` and `lookalikes.toml`.
"""
