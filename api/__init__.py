"""THE DOORS. HTTP, pages, command line. Decides nothing."""
