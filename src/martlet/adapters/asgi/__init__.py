"""ASGI 3: HTTP, WebSockets and lifespan (https://asgi.readthedocs.io)."""
