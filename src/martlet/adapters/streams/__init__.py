"""Streams and WebSockets while they last, whatever protocol sends them."""
