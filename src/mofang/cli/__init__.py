"""The command face: parses words, calls one function, prints its answer."""
