"""What a stream is made of: items and events, and what is said beside them."""
