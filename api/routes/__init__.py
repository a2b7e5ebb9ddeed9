"""One file for each noun; every route is one line from a request to a use case."""
