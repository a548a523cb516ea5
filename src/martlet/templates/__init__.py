"""Templates in Jinja's language, compiled to Python, whose escaping knows where in a page a value stands."""

from martlet.templates.checking import Finding, check, find_undeclared
from martlet.templates.engine import TemplateEngine
from martlet.templates.errors import (
    BudgetError,
    EscapingError,
    SecurityError,
    TemplateError,
    TemplateNotFoundError,
    TemplateRuntimeError,
    TemplateSyntaxError,
    UndefinedError,
    UnknownNameError,
)
from martlet.templates.escaping import (
    EscapingRules,
    Kind,
    SafeAttributes,
    SafeCSS,
    SafeHTML,
    SafeJS,
    SafeJSString,
    SafeSrcset,
    SafeURL,
)
from martlet.templates.loading import (
    ChoiceLoader,
    CodeCache,
    DictLoader,
    DirectoryLoader,
    FunctionLoader,
    PackageLoader,
    PrefixLoader,
)
from martlet.templates.module import TemplateModule
from martlet.templates.runtime import (
    ChainableUndefined,
    DebugUndefined,
    StrictUndefined,
    Undefined,
    make_logging_undefined,
    pass_context,
    pass_engine,
    pass_eval_context,
)
from martlet.templates.runtime.sandbox import Sandbox, unsafe
from martlet.templates.runtime.translations import translations_from
from martlet.templates.syntax import Syntax, TagParser
from martlet.templates.template import Fragment, Template

__all__ = [
    "BudgetError",
    "ChainableUndefined",
    "ChoiceLoader",
    "CodeCache",
    "DebugUndefined",
    "DictLoader",
    "DirectoryLoader",
    "EscapingError",
    "EscapingRules",
    "Finding",
    "Fragment",
    "FunctionLoader",
    "Kind",
    "PackageLoader",
    "PrefixLoader",
    "SafeAttributes",
    "SafeCSS",
    "SafeHTML",
    "SafeJS",
    "SafeJSString",
    "SafeSrcset",
    "SafeURL",
    "Sandbox",
    "SecurityError",
    "StrictUndefined",
    "Syntax",
    "TagParser",
    "Template",
    "TemplateEngine",
    "TemplateError",
    "TemplateModule",
    "TemplateNotFoundError",
    "TemplateRuntimeError",
    "TemplateSyntaxError",
    "Undefined",
    "UndefinedError",
    "UnknownNameError",
    "check",
    "find_undeclared",
    "make_logging_undefined",
    "pass_context",
    "pass_engine",
    "pass_eval_context",
    "translations_from",
    "unsafe",
]
