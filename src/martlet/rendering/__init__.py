"""Values to bytes, and bytes to values: representations, validation, negotiation, problem documents. No requests, no I/O."""
