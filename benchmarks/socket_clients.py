"""Thousands of clients of one WebSocket (RFC 6455), in a process of their own: each looks whether it got what was published."""

from benchmarks.stream_clients import MARK, Clients, Reader

TEXT_FRAME = 0x81  # whole, uncompressed
SHORT, LONG = 126, 127  # in the place of a length: it stands in the next two bytes, or in the next eight
HEAD_END = b"\r\n\r\n"


class SocketReader(Reader):
    """One client, which says nothing after its handshake. messages: how many it got."""

    __slots__ = ("_clients", "_unread", "messages")

    def __init__(self, clients: "Sockets") -> None:
        super().__init__(clients)
        self._clients = clients
        self._unread = b""
        self.messages = 0

    def data_received(self, data: bytes) -> None:
        """Take whole messages."""
        data = self._unread + data
        if not self._has_begun:
            head, end, rest = data.partition(HEAD_END)
            if not end:
                self._unread = data
                return
            self._has_begun = True
            self._clients.begin(head)
            data = rest
        while (end := _frame_end(data)) and end <= len(data):
            self._take(data[:end])
            data = data[end:]
        self._unread = data

    def _take(self, frame: bytes) -> None:
        if frame[0] != TEXT_FRAME or self._clients.text not in frame:
            self._clients.wrong.append(frame[:200])
        self.messages += 1
        self._clients.count(1)


class Sockets(Clients):
    """The clients where they live. text: what was published last. wrong: frames that have something else."""

    fields = (
        "upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=="
    )
    answer = b"HTTP/1.1 101"

    def __init__(self, port: int, path: str) -> None:
        super().__init__(port, path)
        self.text = b""
        self.wrong: list[bytes] = []
        self._readers: list[SocketReader] = []

    def make(self) -> SocketReader:
        """Make one."""
        reader = SocketReader(self)
        self._readers.append(reader)
        return reader

    async def publish(self, text: str) -> float:
        """Publish a message, and look that each client got it, once."""
        self.text = text.encode() + MARK
        before = [reader.messages for reader in self._readers]
        seconds = await super().publish(text)
        got = [reader.messages - messages for reader, messages in zip(self._readers, before, strict=True)]
        if self.wrong or self.lost or set(got) != {1}:
            raise ValueError(f"{self.lost} lost, {sorted(set(got))} messages for each, {self.wrong[:3]}")
        return seconds


def _frame_end(data: bytes) -> int:
    """Where the first frame ends; 0 where that is still to come."""
    if len(data) < 4:
        return 0
    size = data[1]
    if size == LONG:
        raise ValueError(data[:20])
    return 4 + int.from_bytes(data[2:4]) if size == SHORT else 2 + size
