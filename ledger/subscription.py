"""Following the ledger by polling, in place of the library's LISTEN thread.

A lost LISTEN connection ends the library's subscriptions, a half-open one stalls them; polling can lose nothing.
"""

from collections.abc import Sequence
from threading import Event
from typing import Any

from eventsourcing.persistence import ApplicationRecorder, Notification, Subscription

PAGE_ENTRIES = 500
POLL_SECONDS_MIN = 0.005
POLL_SECONDS_MAX = 0.2


class PollingSubscription(Subscription[ApplicationRecorder]):
    """Yields entries in the order of their positions, then waits for more. Waits grow while nothing comes."""

    def __init__(self, recorder: ApplicationRecorder, gt: int | None = None, topics: Sequence[str] = ()) -> None:
        super().__init__(recorder, gt, topics)
        self._page: list[Notification] = []
        self._stopped = Event()

    def stop(self) -> None:
        """Stop the subscription, from any thread, also while it waits."""
        super().stop()
        self._stopped.set()

    def __exit__(self, *args: object, **kwargs: Any) -> None:
        super().__exit__(*args, **kwargs)
        self._page = []

    def __next__(self) -> Notification:
        """Give the next entry; StopIteration after `stop`."""
        wait = POLL_SECONDS_MIN
        while not self._has_been_stopped:
            if self._page or self._next_page():
                return self._page.pop()
            self._stopped.wait(wait)
            wait = min(2 * wait, POLL_SECONDS_MAX)
        raise StopIteration

    def _next_page(self) -> bool:
        """Read what came since, up to the last position there is: other topics are passed over for good."""
        top = self._recorder.max_notification_id()
        if top is None or top <= (self._last_notification_id or 0):
            return False
        page = self._recorder.select_notifications(
            self._last_notification_id, PAGE_ENTRIES, top, self._topics, inclusive_of_start=False
        )
        # Sound because positions become visible in their order: nothing can still arrive at or below `top`.
        self._last_notification_id = page[-1].id if len(page) == PAGE_ENTRIES else top
        self._page = list(reversed(page))
        return bool(page)
