"""Middlewares: each stands around everything, sees every answer, and is put there by `app.use(…)`."""

from martlet.middleware.compressible_types import COMPRESSIBLE_TYPES, is_compressible
from martlet.middleware.compression import Compression

__all__ = ["COMPRESSIBLE_TYPES", "Compression", "is_compressible"]
