"""The body of a request: read, decoded, and taken apart as a form."""
