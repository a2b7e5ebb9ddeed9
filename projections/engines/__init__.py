"""Engines: plans executed over columns, for whole populations. They give numbers; domain/scoring explains them."""
