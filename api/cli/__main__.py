"""`python -m api.cli` is `points`."""

from api.cli import main

main()
