"""What methods promise (RFC 9110 section 9.2; QUERY: RFC 10008)."""

from __future__ import annotations

from typing import Final

__all__ = ["RETRIEVALS", "SAFE_METHODS"]

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "QUERY", "TRACE"})  # they change nothing
RETRIEVALS: Final = frozenset({"GET", "HEAD", "QUERY"})  # of these, what asks for a representation
