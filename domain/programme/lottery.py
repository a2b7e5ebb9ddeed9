r"""摇号: the order of a draw that anybody can repeat.

Each application's number is HMAC-SHA-256 under the seed, over the round's name, a line feed and the application's
number, all UTF-8; the smaller, read as a number, goes first. With a terminal:

    printf 'cx.school-2026\nA-0042' | openssl dgst -sha256 -hmac SEED

The seed is published after the cut-off, from a source that nobody of the authority controls, so that nobody who
knows the applications can choose it, and nobody who applies can know it.
"""

import hmac
from collections.abc import Iterable


def ticket(seed: str, round_name: str, application: str) -> str:
    """Give an application's number in the draw, in hexadecimal."""
    message = f"{round_name}\n{application}".encode()
    return hmac.new(seed.encode(), message, "sha256").hexdigest()


def drawn(seed: str, round_name: str, applications: Iterable[str]) -> dict[str, int]:
    """Give each application its place in the draw, from 0. The order in which they come is irrelevant."""
    order = sorted(set(applications), key=lambda application: (ticket(seed, round_name, application), application))
    return {application: place for place, application in enumerate(order)}
