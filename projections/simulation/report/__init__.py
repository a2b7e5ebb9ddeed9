"""The report of a simulation: one HTML file that needs nothing else."""

from projections.simulation.report.page import page

__all__ = ["page"]
