"""A proxy between a client and PostgreSQL on unix sockets, that cuts connections where it hurts."""

import shutil
import socket
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from ledger.data_directory import SOCKET

Cut = Literal["none", "before the commit", "after the commit"]
_COMMITTED = b"COMMIT\0"
"""The tag of CommandComplete: the server says it once the transaction is durable."""
_INSERT = b"unnest("


class CuttingProxy:
    """Forwards bytes. Armed, it cuts the next connection that commits, before or after the server has committed."""

    def __init__(self, server_run: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pt-"))
        self.cuts = 0
        self._target = str(server_run / SOCKET)
        self._armed: Cut = "none"
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(self.folder / SOCKET))
        self._listening.listen(64)
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def arm(self, cut: Cut) -> None:
        """Cut the next transaction that writes."""
        with self._lock:
            self._armed = cut

    def refuse(self) -> None:
        """Cut everything and let nobody in any more."""
        self._close(self._listening)
        self.cut_all()

    def cut_all(self) -> None:
        """Cut whoever is connected now."""
        for end in list(self._open):
            self._close(end)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.refuse()
        for thread in self._threads:
            thread.join(5)
        shutil.rmtree(self.folder)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._target)
                self._open |= {client, server}
                for source, sink, up in ((client, server, True), (server, client, False)):
                    thread = threading.Thread(
                        target=self._pump, args=(source, sink), kwargs={"up": up}, daemon=True
                    )
                    self._threads.append(thread)
                    thread.start()

    def _pump(self, source: socket.socket, sink: socket.socket, *, up: bool) -> None:
        with suppress(OSError):
            while sent := source.recv(262_144):
                if self._cuts_here(sent, up=up):
                    break
                sink.sendall(sent)
        self._close(source)
        self._close(sink)

    def _cuts_here(self, sent: bytes, *, up: bool) -> bool:
        with self._lock:
            wanted = self._armed
            here = (wanted == "before the commit" and up and _INSERT in sent) or (
                wanted == "after the commit" and not up and _COMMITTED in sent
            )
            if here:
                self._armed = "none"
                self.cuts += 1
            return here

    def _close(self, end: socket.socket) -> None:
        self._open.discard(end)
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
