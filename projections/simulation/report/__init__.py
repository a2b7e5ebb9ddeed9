"""The report of a simulation: one HTML file that needs nothing else."""

from projections.simulation.report.page import examples_page, page

__all__ = ["examples_page", "page"]
