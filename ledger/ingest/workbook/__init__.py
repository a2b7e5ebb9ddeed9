"""Workbooks as Excel writes them (ISO/IEC 29500, .xlsx), read as a stream: one row in memory, never the sheet.

package (the archive) → sheets (which of them) → strings, formats (what cells point to) → cells (rows of text).
"""
