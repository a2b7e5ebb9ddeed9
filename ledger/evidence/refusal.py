"""Why evidence does not hold, and where."""


class EvidenceRefused(Exception):
    """Something in it is not what it must be. `where` names the file, line or field as far as it is known."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}" if where else why)
        self.where = where
        self.why = why

    def within(self, place: str) -> "EvidenceRefused":
        """Give the same, found in a larger place."""
        return EvidenceRefused(f"{place} {self.where}".strip(), self.why)
