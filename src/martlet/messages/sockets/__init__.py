"""A WebSocket (RFC 6455): the shape of its body, and what its handler sees."""
