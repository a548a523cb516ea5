"""`jinja2.environment`: an Environment is the options of a TemplateEngine, a Template is one of ours with its environment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from martlet.templates.engine import TemplateEngine
from martlet.templates.filters import call_filter, call_test
from martlet.templates.options import Escaping
from martlet.templates.runtime import Undefined
from martlet.templates.syntax import Syntax, parse
from martlet.templates.template import Template as OurTemplate
from tests.conformance.jinja_shim import ext
from tests.conformance.jinja_shim.loaders import LoaderOf

# Jinja2's options in the order of its signature, with their defaults.
OPTIONS: dict[str, Any] = {
    "block_start_string": "{%",
    "block_end_string": "%}",
    "variable_start_string": "{{",
    "variable_end_string": "}}",
    "comment_start_string": "{#",
    "comment_end_string": "#}",
    "line_statement_prefix": None,
    "line_comment_prefix": None,
    "trim_blocks": False,
    "lstrip_blocks": False,
    "newline_sequence": "\n",
    "keep_trailing_newline": False,
    "extensions": (),
    "optimized": True,
    "undefined": Undefined,
    "finalize": None,
    "autoescape": False,
    "loader": None,
    "cache_size": 400,
    "auto_reload": True,
    "bytecode_cache": None,
    "enable_async": False,
}
SYNTAX = {
    "block_start": "block_start_string",
    "block_end": "block_end_string",
    "variable_start": "variable_start_string",
    "variable_end": "variable_end_string",
    "comment_start": "comment_start_string",
    "comment_end": "comment_end_string",
    "line_statement_prefix": "line_statement_prefix",
    "line_comment_prefix": "line_comment_prefix",
    "trim_blocks": "trim_blocks",
    "lstrip_blocks": "lstrip_blocks",
    "newline": "newline_sequence",
    "keep_trailing_newline": "keep_trailing_newline",
}
# Options whose change wants another engine; the others are asked for whenever they matter.
ENGINE_OPTIONS = (
    *SYNTAX.values(),
    "undefined",
    "finalize",
    "autoescape",
    "loader",
    "auto_reload",
    "cache_size",
    "enable_async",
    "native",
    "trims_translations",
)

TEMPLATES: dict[OurTemplate, Template] = {}
ENVIRONMENTS: WeakKeyDictionary[TemplateEngine, Environment] = WeakKeyDictionary()


class Environment:
    """Options as attributes, which may change; the engine follows."""

    native = False
    shared = False
    template_class: type[Template]

    def __init__(self, *args: Any, **options: Any) -> None:
        unknown = set(options) - set(OPTIONS)
        if unknown:
            raise TypeError(f"no options of an Environment: {', '.join(sorted(unknown))}")
        given = dict(zip(OPTIONS, args, strict=False)) | options
        vars(self).update({**OPTIONS, **given})
        self._engine: TemplateEngine | None = None
        self._made_for: tuple[Any, ...] = ()
        self.extensions = ext.load(self, self.__dict__["extensions"])

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)

    def __reduce__(self) -> Any:
        return _environment_of, (type(self), {name: vars(self)[name] for name in OPTIONS if name != "extensions"})

    @property
    def engine(self) -> TemplateEngine:
        """The engine for the options as they are now; filters, tests, globals and policies stay the same objects."""
        wanted = tuple(getattr(self, name) for name in ENGINE_OPTIONS)
        if self._engine is None or self._made_for != wanted:
            before, self._engine = self._engine, self._make_engine()
            self._made_for = wanted
            if before is not None:
                share(before, self._engine)
        return self._engine

    def _make_engine(self) -> TemplateEngine:
        engine = TemplateEngine(
            LoaderOf(self),
            escaping=self.escaping_of,
            syntax=Syntax(
                **{ours: vars(self)[theirs] for ours, theirs in SYNTAX.items()}, trim_translations=self.trims_translations
            ),
            undefined=self.undefined,
            finalize=self.finalize,
            is_async=self.enable_async,
            native=self.native,
            auto_reload=self.auto_reload,
            cache_size=self.cache_size,
            **self.more_options,
        )
        ENVIRONMENTS[engine] = self
        return engine

    @property
    def more_options(self) -> Mapping[str, Any]:
        """What the engine is told besides."""
        return {} if self.bytecode_cache is None else {"code_cache": self.bytecode_cache}

    @property
    def trims_translations(self) -> bool:
        """Jinja2's policy; ours is a part of the syntax."""
        return self._engine is not None and bool(self._engine.policies.get("ext.i18n.trimmed"))

    def escapes(self, name: str | None) -> bool:
        """Whether a template of this name is escaped."""
        return bool(self.autoescape(name) if callable(self.autoescape) else self.autoescape)

    def escaping_of(self, name: str | None) -> Escaping:
        """The same in the words of the engine."""
        return "html" if self.escapes(name) else "off"

    @property
    def is_async(self) -> bool:
        return bool(self.enable_async)

    @property
    def filters(self) -> Any:
        return self.engine.filters

    @property
    def tests(self) -> Any:
        return self.engine.tests

    @property
    def globals(self) -> Any:
        return self.engine.globals

    @property
    def policies(self) -> Any:
        return self.engine.policies

    def from_string(self, source: Any, globals: Any = None, template_class: Any = None) -> Template:  # noqa: A002
        return self._wrap(self.engine.from_string(ext.preprocess(self, source), globals), template_class)

    def get_template(self, name: Any, parent: Any = None, globals: Any = None) -> Template:  # noqa: A002, ARG002
        return name if isinstance(name, Template) else self._wrap(_with_globals(self.engine.get_template(name), globals))

    def select_template(self, names: Any, parent: Any = None, globals: Any = None) -> Template:  # noqa: A002, ARG002
        ours: Any = names if isinstance(names, Undefined) else [_unwrapped(name) for name in names]
        return self._wrap(_with_globals(self.engine.get_template(ours), globals))

    def get_or_select_template(self, name: Any, parent: Any = None, globals: Any = None) -> Template:  # noqa: A002
        choose = self.get_template if isinstance(name, (str, Template, Undefined)) else self.select_template
        return choose(name, parent, globals)

    def _wrap(self, ours: OurTemplate, template_class: type[Template] | None = None) -> Template:
        found = TEMPLATES.get(ours)
        if found is None:
            found = object.__new__(template_class or self.template_class)
            found.environment, found.ours = self, ours
            TEMPLATES[ours] = found
        return found

    def compile_expression(self, source: str, undefined_to_none: bool = True) -> Any:  # noqa: FBT002
        native = self.overlay()
        native.native = True
        template = native.from_string(f"{self.variable_start_string}{source}{self.variable_end_string}")

        def evaluate(*args: Any, **kwargs: Any) -> Any:
            value = template.render(*args, **kwargs)
            return None if undefined_to_none and isinstance(value, Undefined) else value

        return evaluate

    def overlay(self, **options: Any) -> Environment:
        """Another of this class that shares filters, tests and globals."""
        other = type(self)(**{name: vars(self)[name] for name in OPTIONS if name != "extensions"} | options)
        share(self.engine, other.engine)
        return other

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.engine.get_attribute(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return self.engine.get_item(obj, argument)

    def call_filter(self, name: str, value: Any, args: Any = (), kwargs: Any = None, context: Any = None) -> Any:
        return call_filter(self.engine, name, value, args, kwargs=kwargs, context=context)

    def call_test(self, name: str, value: Any, args: Any = (), kwargs: Any = None, context: Any = None) -> Any:
        return call_test(self.engine, name, value, args, kwargs=kwargs, context=context)

    def parse(self, source: str, name: str | None = None) -> Any:
        return parse(source, name=name, syntax=self.engine.syntax)

    def list_templates(self) -> list[str]:
        names: list[str] = self.loader.list_templates()
        return names

    def iter_extensions(self) -> Iterator[Any]:
        return iter(sorted(self.extensions.values(), key=lambda extension: extension.priority))

    def install_gettext_callables(self, *args: Any, **kwargs: Any) -> None:
        ext.install(self, *args, **kwargs)


def _with_globals(template: OurTemplate, variables: Any) -> OurTemplate:
    """Jinja2's templates keep the globals that they were last asked for with; ours gives them to nobody else."""
    template.globals.update(variables or {})
    return template


def share(before: TemplateEngine, after: TemplateEngine) -> None:
    """Give an engine the filters, tests, globals and policies of another."""
    for name in ("filters", "tests", "globals", "policies"):
        mapping = getattr(after, name)
        mapping.clear()
        mapping.update(getattr(before, name))


def _environment_of(kind: type[Environment], options: dict[str, Any]) -> Environment:
    return kind(**options)


class Template:
    """One of our templates, in its environment."""

    environment_class = Environment
    environment: Environment
    ours: Any

    def __new__(cls, source: Any, *args: Any, **options: Any) -> Template:  # noqa: PYI034  what an environment makes
        return cls.environment_class(*args, **options).from_string(source, template_class=cls)

    @property
    def name(self) -> str | None:
        return self.ours.name  # type: ignore[no-any-return]

    @property
    def filename(self) -> str | None:
        return self.ours.filename  # type: ignore[no-any-return]

    @property
    def globals(self) -> Any:
        return self.ours.globals

    def render(self, *args: Any, **kwargs: Any) -> Any:
        return self.ours.render(_context(args, kwargs))

    async def render_async(self, *args: Any, **kwargs: Any) -> Any:
        return await self.ours.render_async(_context(args, kwargs))

    def generate(self, *args: Any, **kwargs: Any) -> Iterator[str]:
        if not self.environment.is_async:
            yield from self.ours.stream(_context(args, kwargs), chunk=0)
            return

        async def collect() -> list[str]:
            return [piece async for piece in self.generate_async(*args, **kwargs)]

        yield from asyncio.run(collect())

    async def generate_async(self, *args: Any, **kwargs: Any) -> AsyncIterator[str]:
        async for piece in self.ours.stream_async(_context(args, kwargs), chunk=0):
            yield piece

    def stream(self, *args: Any, **kwargs: Any) -> TemplateStream:
        return TemplateStream(self, args, kwargs)

    @property
    def module(self) -> Any:
        return self.ours.module

    async def _get_default_module_async(self) -> Any:
        return await self.ours.make_module_async()

    def __repr__(self) -> str:
        return f"<Template {self.name!r}>"


Environment.template_class = Template


def _context(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    given = {name: value for part in (*args, kwargs) for name, value in dict(part).items()}
    return {name: _unwrapped(value) for name, value in given.items()}


def _unwrapped(value: Any) -> Any:
    return value.ours if isinstance(value, Template) else value


class TemplateStream:
    """Our stream, with Jinja2's way of choosing the size of its chunks: so many pieces each."""

    def __init__(self, template: Template, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._pieces = template.generate(*args, **kwargs)
        self._size = 1

    @property
    def buffered(self) -> bool:
        return self._size > 1

    def enable_buffering(self, size: int = 5) -> None:
        self._size = size

    def disable_buffering(self) -> None:
        self._size = 1

    def dump(self, file: Any, encoding: str | None = None) -> None:
        text = "".join(self)
        Path(file).write_text(text, encoding=encoding or "utf-8")

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        pieces = list(islice(self._pieces, self._size))
        if not pieces:
            raise StopIteration
        return "".join(pieces)
