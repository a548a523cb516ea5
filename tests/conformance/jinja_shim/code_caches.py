"""`jinja2.bccache`: its cache in a folder is ours; the others are not mapped."""

from martlet.templates.loading import CodeCache

__all__ = ["FileSystemBytecodeCache"]


class FileSystemBytecodeCache(CodeCache):
    """Our CodeCache, which wants a folder; Jinja2's may find one, and a pattern for the names of files."""

    def __init__(self, directory: str, pattern: str = "") -> None:  # noqa: ARG002  Jinja2's signature
        super().__init__(directory)
