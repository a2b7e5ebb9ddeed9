"""What a draft rulebook would change, over a whole population: numbers alone, and nobody's."""
