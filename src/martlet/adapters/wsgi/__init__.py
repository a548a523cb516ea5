"""WSGI (PEP 3333): a request in a server's thread, and in a loop beside it where it may suspend."""
