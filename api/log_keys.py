"""Where the log's signing key and its public key stand, and how they are made: beside the ledger's other keys."""

from dataclasses import dataclass
from pathlib import Path

from api.settings import Settings
from domain.errors import LogKeyMissing
from ledger.key_files import RandomBytes, create_key_file, read_key_file
from ledger.transparency.keys import COSIGNERS, SIGNERS, Cosigner, Signer, read_vkey, suite_of_key
from ledger.transparency.notes import Verifier
from ledger.transparency.tree import ENTRIES, Tree


@dataclass(frozen=True)
class LogKeys:
    """The two files of a key: the secret one, and its verifier key as text, which everybody may have."""

    secret: Path
    public: Path

    @classmethod
    def of(cls, settings: Settings, tree: Tree = ENTRIES) -> "LogKeys":
        """Give those of one of the ledger's logs."""
        folder = settings.key_file.parent
        return cls(folder / f"{tree.files}-signing.key", folder / f"{tree.files}.vkey")

    @classmethod
    def of_witness(cls, folder: Path) -> "LogKeys":
        """Give a witness's, in its own folder."""
        return cls(folder / "witness.key", folder / "witness.vkey")

    def make(self, name: str, signer: type[Signer] | type[Cosigner], random_bytes: RandomBytes) -> Verifier:
        """Make both files, or finish what was begun. Raises KeyFileExists where there is a public key already."""
        self.secret.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.public.exists() or not self.secret.exists():
            create_key_file(self.secret, random_bytes)
        # If we stop here, the secret has no name yet: the next call gives it one.
        verifier = signer(name, read_key_file(self.secret)).verifier
        self.public.write_text(verifier.vkey() + "\n", encoding="utf-8")
        return verifier

    def verifier(self) -> Verifier:
        """Read the public key. Raises LogKeyMissing, NoteRefused."""
        try:
            return read_vkey(self.public.read_text(encoding="utf-8").strip())
        except FileNotFoundError:
            raise LogKeyMissing(str(self.public)) from None

    def log_signer(self) -> Signer:
        """Read the log's secret key. Raises LogKeyMissing and the key file's refusals."""
        verifier = self.verifier()
        return SIGNERS[suite_of_key(verifier)](verifier.name, read_key_file(self.secret))

    def witness_signer(self) -> Cosigner:
        """Read the witness's secret key. Raises LogKeyMissing and the key file's refusals."""
        verifier = self.verifier()
        return COSIGNERS[suite_of_key(verifier)](verifier.name, read_key_file(self.secret))
