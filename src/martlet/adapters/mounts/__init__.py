"""Other applications below a prefix of ours: Martlet's own, ASGI's, WSGI's; each is handed what its protocol wants."""

from martlet.adapters.mounts.kinds import MountKind, mounted
from martlet.adapters.mounts.mount import REST, Mount

__all__ = ["REST", "Mount", "MountKind", "mounted"]
