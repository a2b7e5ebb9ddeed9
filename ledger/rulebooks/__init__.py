"""Rulebooks on disk: <authority>/<effective-date>.yaml, one or more documents a file."""

from ledger.rulebooks.directory import Library, check_directory, load_directory, read_documents, read_text

__all__ = ["Library", "check_directory", "load_directory", "read_documents", "read_text"]
