"""Who has an account, in the file that the notices are in. Passwords and keys are kept as hashes alone."""

import sqlite3

from msgspec import convert

from martlet import PasswordHasher
from martlet.security import APIKey, NewAPIKey

from .model import Role, User
from .settings import first_password
from .store import FIRST_USER, Database


class NameTakenError(Exception):
    """Somebody else has this name."""


class Users:
    """The accounts. Each method is a transaction of its own, so that nobody waits for the file while a password is hashed."""

    def __init__(self, database: Database, hasher: PasswordHasher) -> None:
        self._database = database
        self._hasher = hasher

    def _rows(self, statement: str, **values: object) -> list[sqlite3.Row]:
        with self._database.transaction(writes=not statement.startswith("SELECT")) as connection:
            return connection.execute(statement, values).fetchall()

    def get(self, user_id: int) -> User | None:
        """Give the user of an id."""
        rows = self._rows("SELECT id, name, role FROM user WHERE id = :id", id=user_id)
        return convert(dict(rows[0]), User) if rows else None

    def all(self) -> list[User]:
        """Give everybody, by name."""
        return [convert(dict(row), User) for row in self._rows("SELECT id, name, role FROM user ORDER BY name")]

    def sign_up(self, name: str, password: str) -> User:
        """Make an account; raises NameTakenError."""
        values = {"name": name, "hash": self._hasher.hash_now(password)}
        try:
            [row] = self._rows("INSERT INTO user (name, password_hash) VALUES (:name, :hash) RETURNING id, name, role", **values)
        except sqlite3.IntegrityError as error:
            raise NameTakenError(name) from error
        return convert(dict(row), User)

    def proven(self, name: str, password: str) -> User | None:
        """Give the user of a name if the password is theirs; a name that nobody has takes as long as one that somebody has."""
        rows = self._rows("SELECT id, name, role, password_hash AS hash FROM user WHERE name = :name", name=name)
        verified = self._hasher.verify_now(rows[0]["hash"] if rows else None, password)
        if not verified:
            return None
        user = convert(dict(rows[0]), User)
        if verified.new_hash is not None:  # what a hash costs was changed since it was made
            self._rows("UPDATE user SET password_hash = :hash WHERE id = :id", id=user.id, hash=verified.new_hash)
        return user

    def of_key(self, shown: APIKey) -> User | None:
        """Give the user whose key a program shows."""
        rows = self._rows("SELECT id, name, role, key_hash FROM user WHERE key_id = :id", id=shown.id)
        return convert(dict(rows[0]), User) if shown.matches(rows[0]["key_hash"] if rows else None) else None

    def give_key(self, user: User, new: NewAPIKey) -> None:
        """Let this be the user's key; the one before is good no more."""
        self._rows("UPDATE user SET key_id = :key_id, key_hash = :hash WHERE id = :id", id=user.id, key_id=new.id, hash=new.hash)

    def give_role(self, user: User, role: Role) -> None:
        """Let the user be this from now on."""
        self._rows("UPDATE user SET role = :role WHERE id = :id", id=user.id, role=role)

    def give_first_password(self) -> None:
        """See to it that the first user of a new board can log in."""
        with self._database.transaction(writes=True) as connection:  # of several workers, one makes it while the others wait
            [row] = connection.execute("SELECT id, password_hash FROM user WHERE name = ?", [FIRST_USER]).fetchall()
            if row["password_hash"] is None:
                hashed = self._hasher.hash_now(first_password(self._database.path.parent))
                connection.execute("UPDATE user SET password_hash = ? WHERE id = ?", [hashed, row["id"]])
