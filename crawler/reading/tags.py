"""The names of elements, by what they do to the text around them."""

from crawler.core.folding import word_set

# Elements that run on within a line of text. All others part what is before them from what follows.
INLINE = word_set(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark nobr "
    "picture q rb rt ruby s samp small source span strike strong sub sup time tt u var wbr"
)
HEADINGS = word_set("h1 h2 h3 h4 h5 h6")
