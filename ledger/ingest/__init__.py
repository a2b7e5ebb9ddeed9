"""Deliveries: files of facts as departments send them, a verdict for every row, and the import job.

Read in this order: `delivery` (bytes to rows) → `examine` (a row to a candidate or a finding) → `job`.
The file formats, mapping files and every code with its hints: docs/imports.md.
"""
