"""RSGI 1.6, Granian's own protocol."""
