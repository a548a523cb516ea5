"""What the scanners raise; the placing pass turns it into an EscapingError with the template's line."""

__all__ = ["RefusalError"]


class RefusalError(Exception):
    """A text of the template leaves no safe place behind it. offset: of the character in that text."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
