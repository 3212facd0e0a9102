"""Package data of the corpus room: a lexicon for demonstrations."""
