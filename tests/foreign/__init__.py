"""Verifiers that others wrote: they take our log as it is and refuse it when it was changed."""
