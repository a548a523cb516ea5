"""`jinja2.exceptions`: our errors under Jinja2's names."""

from typing import Any

from martlet.templates import errors
from martlet.templates.errors import SecurityError, TemplateError, TemplateNotFoundError, TemplateRuntimeError, UndefinedError

__all__ = [
    "FilterArgumentError",
    "SecurityError",
    "TemplateAssertionError",
    "TemplateError",
    "TemplateNotFound",
    "TemplateRuntimeError",
    "TemplateSyntaxError",
    "TemplatesNotFound",
    "UndefinedError",
]


class _AlsoOurs(type):
    """A class that counts our errors among its own, so that `pytest.raises` takes them."""

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, errors.TemplateSyntaxError)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, errors.TemplateSyntaxError)


class TemplateSyntaxError(errors.TemplateSyntaxError, metaclass=_AlsoOurs):
    """Ours, made with Jinja2's order of arguments."""

    def __init__(self, message: str, lineno: int, name: str | None = None, filename: str | None = None) -> None:
        super().__init__(message, lineno, name=name, filename=filename)

    def __reduce__(self) -> Any:
        return type(self), (self.message, self.line, self.name, self.filename)


# Ours are all found while compiling, too, and not told apart by name.
TemplateAssertionError = TemplateSyntaxError
# One error says both: that a template is not there, and that none of several is.
TemplateNotFound = TemplatesNotFound = TemplateNotFoundError
FilterArgumentError = TemplateRuntimeError
