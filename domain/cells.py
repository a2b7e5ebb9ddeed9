"""Cells of a table that a spreadsheet cannot run."""

_RUNS_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""With one of these at its front a cell may be run by a spreadsheet (OWASP, CSV injection)."""


def safe_cell(text: str) -> str:
    """Put an apostrophe before what a spreadsheet might run.

    >>> safe_cell("=1+1"), safe_cell("330212")
    ("'=1+1", '330212')
    """
    return f"'{text}" if text.startswith(_RUNS_FORMULAS) else text
