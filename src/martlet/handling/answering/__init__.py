"""From what was returned or raised to a response: representations, pages, items one by one, and answers to errors."""

from martlet.handling.answering.error_handlers import ExceptionHandlerRegistry, check_exception_class
from martlet.handling.answering.page_templates import PAGE_NAMES, Templates
from martlet.handling.answering.template_responses import TemplateResponse
from martlet.handling.answering.urls import UnknownAssetError, URLs

__all__ = [
    "PAGE_NAMES",
    "ExceptionHandlerRegistry",
    "TemplateResponse",
    "Templates",
    "URLs",
    "UnknownAssetError",
    "check_exception_class",
]
