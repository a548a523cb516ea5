"""Keys of tokens, and which algorithms each is for: a key never serves an algorithm of another kind (RFC 8725, Section 3.1).

Not here: tokens (jwt.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias, cast

from joserfc import errors, jwk

from martlet.signing import WeakSecretError

__all__ = ["KeySource", "TokenKey", "TokenKeys", "check_algorithms", "import_keys", "suits"]

TokenKey: TypeAlias = jwk.Key
# A secret of HMAC; a key as PEM or as a JWK; a set of them as a JWKS; or what joserfc makes of one.
KeySource: TypeAlias = str | bytes | Mapping[str, Any] | jwk.Key | jwk.KeySet

MIN_RSA_BITS: Final = 2048  # RFC 7518, Section 3.3
MAX_KEYS: Final = 100  # of a set; providers have three
SECRET_BYTES: Final = {"HS256": 32, "HS384": 48, "HS512": 64}  # at least (RFC 7518, Section 3.2)
KEY_TYPES: Final = {  # the type of key, and its curve, if it has one
    **dict.fromkeys(SECRET_BYTES, ("oct", "")),
    **{f"{family}{bits}": ("RSA", "") for family in ("RS", "PS") for bits in (256, 384, 512)},
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "Ed25519": ("OKP", "Ed25519"),  # RFC 9864, which gives each curve its own name in place of EdDSA
    "Ed448": ("OKP", "Ed448"),
    "EdDSA": ("OKP", "Ed25519 Ed448"),
}
UNREADABLE: Final = (errors.JoseError, ValueError, TypeError, KeyError)


class TokenKeys:
    """Keys by their id, for some algorithms; those that suit none of these are left out."""

    def __init__(self, keys: Iterable[TokenKey], algorithms: Sequence[str]) -> None:
        """Sort them."""
        self._usable: Final = [key for key in keys if any(suits(key, algorithm) for algorithm in algorithms)]

    def __len__(self) -> int:
        """Count those that can be used."""
        return len(self._usable)

    def for_token(self, algorithm: str, key_id: str | None) -> list[TokenKey]:
        """Give the keys that may have signed a token: the one it names; those without an id, or all, where it names none."""
        suitable = [key for key in self._usable if suits(key, algorithm)]
        return suitable if key_id is None else [key for key in suitable if key.kid in (key_id, None)]


def check_algorithms(algorithms: Sequence[str]) -> tuple[str, ...]:
    """Refuse algorithms that are none, unknown, or not to be taken together; raises ValueError."""
    if isinstance(algorithms, str) or not algorithms:
        raise ValueError('Name the algorithms as a list, as in algorithms=["RS256"]: a token never chooses for itself.')
    unknown = [name for name in algorithms if name not in KEY_TYPES]
    if unknown:
        raise ValueError(f"{unknown[0]!r:.80} is no algorithm that can be trusted here: {', '.join(KEY_TYPES)} are.")
    if len({name in SECRET_BYTES for name in algorithms}) > 1:
        raise ValueError("Algorithms of a shared secret (HS…) and of a key pair do not go together: make a verifier for each.")
    return tuple(algorithms)


def suits(key: TokenKey, algorithm: str, operation: Literal["sign", "verify"] = "verify") -> bool:
    """Tell whether a key is for an algorithm, by its type, its curve, and what it says itself (RFC 7517, Sections 4.2 to 4.4)."""
    kind, curves = KEY_TYPES[algorithm]
    if key.key_type != kind or (curves and str(getattr(key, "curve_name", "")) not in curves.split()):
        return False
    operations = key.get("key_ops")
    return key.alg in (None, algorithm) and key.get("use") in (None, "sig") and (operations is None or operation in operations)


def import_keys(given: KeySource, algorithms: Sequence[str]) -> list[TokenKey]:
    """Read keys of the application's own; raises ValueError for what is none, and for those that suit no algorithm."""
    if isinstance(given, Mapping) and "keys" in given:
        keys = read_key_set(given, algorithms)
    elif isinstance(given, jwk.KeySet):
        keys = list(given.keys)
    else:
        keys = [_read_key(given)]
    for algorithm in algorithms:
        suitable = [key for key in keys if suits(key, algorithm)]
        if not suitable:
            raise ValueError(f"No key suits {algorithm}, which needs one of the type {' '.join(KEY_TYPES[algorithm]).strip()}.")
        for key in suitable:
            _check_strength(key, algorithm)
    return keys


def read_key_set(given: Mapping[str, Any], algorithms: Sequence[str]) -> list[TokenKey]:
    """Read a JWKS (RFC 7517, Section 5); keys of other types, and those that cannot be read, are left out.

    Raises ValueError for what is none.
    """
    kinds = {KEY_TYPES[algorithm][0] for algorithm in algorithms}
    listed: Any = given.get("keys")
    if not isinstance(listed, list) or len(cast("list[Any]", listed)) > MAX_KEYS:
        raise ValueError(f"A JWKS has its keys in a list named `keys`, at most {MAX_KEYS} of them.")
    keys: list[TokenKey] = []
    for each in cast("list[Any]", listed):
        try:
            keys.extend([_read_key(each)] if isinstance(each, Mapping) and each["kty"] in kinds else [])
        except UNREADABLE:
            continue
    return [key for key in keys if _is_strong(key)]


def _read_key(given: Any) -> TokenKey:
    if isinstance(given, jwk.OctKey | jwk.RSAKey | jwk.ECKey | jwk.OKPKey):
        return given
    try:
        if isinstance(given, Mapping):
            return jwk.import_key(dict(cast("Mapping[str, Any]", given)))
        data = given.encode() if isinstance(given, str) else given
        return _read_pem(data) if data.lstrip().startswith(b"-----BEGIN") else jwk.import_key(data, "oct")
    except UNREADABLE as error:
        raise ValueError(f"A key cannot be read: {type(error).__name__}.") from error


def _read_pem(data: bytes) -> TokenKey:
    for kind in ("RSA", "EC", "OKP"):
        try:
            return jwk.import_key(data, kind)
        except UNREADABLE:
            continue
    raise ValueError("This is no PEM of an RSA, EC or OKP key.")


def _check_strength(key: TokenKey, algorithm: str) -> None:
    least = SECRET_BYTES.get(algorithm, 0)
    if isinstance(key, jwk.OctKey) and len(key.raw_value) < least:
        raise WeakSecretError(f"is {len(key.raw_value)} bytes long, and {algorithm} needs {least}")
    if not _is_strong(key):
        raise ValueError(f"The RSA key is too short: {MIN_RSA_BITS} bits are needed.")


def _is_strong(key: TokenKey) -> bool:
    return not isinstance(key, jwk.RSAKey) or key.raw_value.key_size >= MIN_RSA_BITS
