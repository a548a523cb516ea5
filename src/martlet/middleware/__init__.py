"""Middlewares: each stands around everything, sees every answer, and is put there by `app.use(…)`."""

from martlet.middleware.body_limit import BodyLimit
from martlet.middleware.compressible_types import COMPRESSIBLE_TYPES, is_compressible
from martlet.middleware.compression import Compression
from martlet.middleware.conditional_get import ConditionalGet
from martlet.middleware.cors import CORS
from martlet.middleware.https_redirect import HTTPSRedirect
from martlet.middleware.proxy_headers import ProxyHeaders
from martlet.middleware.request_id import RequestID
from martlet.middleware.server_timing import ServerTiming
from martlet.middleware.timeout import Timeout
from martlet.middleware.trusted_hosts import TrustedHosts

__all__ = [
    "COMPRESSIBLE_TYPES",
    "CORS",
    "BodyLimit",
    "Compression",
    "ConditionalGet",
    "HTTPSRedirect",
    "ProxyHeaders",
    "RequestID",
    "ServerTiming",
    "Timeout",
    "TrustedHosts",
    "is_compressible",
]
