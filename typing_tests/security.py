"""What a type checker must make of passwords, keys, guards and tokens."""

from typing import Any, assert_type

from msgspec import Struct

from martlet import APIKeys, App, Guard, PasswordHasher, Request, basic_credentials, bearer_token, require_role, require_scope
from martlet.integrations.jwt import JWTSigner, JWTVerifier
from martlet.security import APIKey, BasicCredentials, HasRole, HasRoles, OlderHash, Verified


class User(Struct):
    """Who asks."""

    name: str
    roles: list[str] = []


class Bcrypt:
    """A way to hash, as others name theirs."""

    def identify(self, hashed: str | bytes) -> bool:
        return bool(hashed)

    def verify(self, password: str | bytes, hashed: str | bytes) -> bool:
        return password == hashed


async def a_hasher_tells_whether_and_what_to_keep(hasher: PasswordHasher, kept: str | None) -> None:
    assert_type(await hasher.hash("open sesame"), str)
    assert_type(await hasher.verify(kept, "open sesame"), Verified)
    assert_type(hasher.verify_now(kept, "open sesame").new_hash, str | None)
    older: OlderHash = Bcrypt()
    PasswordHasher(older=[older, Bcrypt()])
    PasswordHasher(older=["bcrypt"])  # type: ignore[list-item]


def a_guard_changes_no_types(app: App) -> None:
    assert_type(require_role("clerk"), Guard)
    require_scope(7)  # type: ignore[arg-type]

    @app.get("/desk")
    @require_role("clerk")
    def show_desk(user: User, page: int = 1) -> str:
        return user.name

    assert_type(show_desk(User("ada"), page=2), str)
    show_desk("ada")  # type: ignore[arg-type]


def a_user_has_roles(user: User) -> None:
    def several(user: HasRoles) -> None: ...
    def one(user: HasRole) -> None: ...

    several(user)
    one(user)  # type: ignore[arg-type]


def what_a_request_shows_may_be_nothing(request: Request, keys: APIKeys) -> None:
    assert_type(bearer_token(request), str | None)
    assert_type(basic_credentials(request), BasicCredentials | None)
    assert_type(keys.shown(request), APIKey | None)
    key, key_id, kept = keys.make()
    assert_type((key, key_id, kept), tuple[str, str, str])


def a_token_is_claims_or_nothing(verifier: JWTVerifier, signer: JWTSigner) -> None:
    assert_type(verifier.verify(signer.sign({"sub": "7"})), dict[str, Any] | None)
    JWTVerifier("secret")  # type: ignore[call-arg]
    JWTVerifier("secret", algorithms=["HS256"], isuer="x")  # type: ignore[call-arg]
