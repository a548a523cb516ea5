"""What is said below notices, in the file that the notices are in. Only the last messages of each are kept."""

from datetime import UTC, datetime

from msgspec import convert, to_builtins

from .model import Said, Say
from .store import Database

KEPT = 200


class Messages:
    """The messages. Each method is a transaction of its own, since a chat is open for hours."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def has_notice(self, notice_id: int) -> bool:
        """Tell whether there is anything to talk about."""
        with self._database.transaction(writes=False) as connection:
            return bool(connection.execute("SELECT 1 FROM notice WHERE id = ?", [notice_id]).fetchone())

    def since(self, notice_id: int, message_id: int = 0) -> list[Said]:
        """Give what was said below a notice after a message, the oldest first."""
        statement = "SELECT id, name, text, said_at, key FROM message WHERE notice_id = ? AND id > ? ORDER BY id"
        with self._database.transaction(writes=False) as connection:
            return [convert(dict(row), Said) for row in connection.execute(statement, [notice_id, message_id])]

    def add(self, notice_id: int, name: str, say: Say) -> bool:
        """Keep what somebody says, unless it is kept already; False if the notice is gone.

        Whoever writes to the file waits for their turn, so a later id is never seen before an earlier one.
        """
        values = {"notice": notice_id, "name": name, "text": say.text, "key": say.key, "at": to_builtins(datetime.now(UTC))}
        with self._database.transaction(writes=True) as connection:
            if not connection.execute("SELECT 1 FROM notice WHERE id = :notice", values).fetchone():
                return False
            connection.execute(
                "INSERT INTO message (notice_id, name, text, said_at, key) VALUES (:notice, :name, :text, :at, :key) "
                "ON CONFLICT (notice_id, key) DO NOTHING",
                values,
            )
            connection.execute(
                "DELETE FROM message WHERE notice_id = :notice AND id <= "
                "(SELECT id FROM message WHERE notice_id = :notice ORDER BY id DESC LIMIT 1 OFFSET :kept)",
                values | {"kept": KEPT},
            )
        return True
