"""Rebuilding projections beside the live ones: see work.py."""

from projections.rebuild.generation import Progress
from projections.rebuild.work import Comparison, Rebuild, Status

__all__ = ["Comparison", "Progress", "Rebuild", "Status"]
