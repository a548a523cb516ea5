"""Signing and encrypting as a library of its own: a ring of secrets that can be changed, and tokens for a purpose."""

from martlet.signing.base64url import BadEncodingError, decode_base64url, encode_base64url
from martlet.signing.encryption import Encrypter
from martlet.signing.keys import MIN_SECRET_BYTES, Key, KeyRing, PreparedKey, WeakSecretError, bound_together, make_secret
from martlet.signing.tokens import (
    MAX_TOKEN_LENGTH,
    TokenSigner,
    read_token,
    read_token_json,
    sign_text,
    signature,
    verify_text,
    write_token,
    write_token_json,
)

__all__ = [
    "MAX_TOKEN_LENGTH",
    "MIN_SECRET_BYTES",
    "BadEncodingError",
    "Encrypter",
    "Key",
    "KeyRing",
    "PreparedKey",
    "TokenSigner",
    "WeakSecretError",
    "bound_together",
    "decode_base64url",
    "encode_base64url",
    "make_secret",
    "read_token",
    "read_token_json",
    "sign_text",
    "signature",
    "verify_text",
    "write_token",
    "write_token_json",
]
