"""A whole folder of templates, checked before any of them is rendered."""

from __future__ import annotations

from collections.abc import Iterable

from martlet.templates.checking.blocks import check_blocks
from martlet.templates.checking.captured_texts import check_captured_texts
from martlet.templates.checking.declarations import check_declarations
from martlet.templates.checking.findings import Finding, Findings
from martlet.templates.checking.macros import Macros
from martlet.templates.checking.project import Project, literal_names, may_be_template
from martlet.templates.checking.trusted_values import check_trusted_values
from martlet.templates.checking.unknown_names import check_unknown_names
from martlet.templates.compiling.linking import Linked, Loaded
from martlet.templates.compiling.unit import Mode
from martlet.templates.engine import TemplateEngine
from martlet.templates.errors import EscapingError, TemplateNotFoundError, TemplateSyntaxError, UnknownNameError
from martlet.templates.syntax import nodes

__all__ = ["check"]


def check(engine: TemplateEngine, names: Iterable[str] | None = None) -> list[Finding]:
    """Everything that is wrong with templates, as far as it can be known before they are rendered, by template and line.

    names: which templates; without them all that the loader lists, but for hidden files and images. A template is also checked
    against those that it extends, includes and imports, and what is wrong with one of them is told once.

    >>> from martlet.templates import DictLoader
    >>> for finding in check(TemplateEngine(DictLoader({"page.html": "{{ name | uper }}", "other.html": "{% if %}"}))):
    ...     print(finding.name, finding.message)
    other.html a value was expected, not the end of the tag ('%}')
    page.html No filter named 'uper'; did you mean 'upper'?
    """
    findings = Findings()
    if names is None:
        names = [name for name in engine.loader.list_names() if may_be_template(name)] if engine.loader is not None else []
    project = Project(engine, names, findings)
    macros = Macros(project)
    for loaded in project.templates():
        check_unknown_names(project, loaded)
        check_blocks(project, loaded)
        macros.check(loaded)
        check_declarations(project, loaded)
    _check_pages(project)
    return findings.sorted()


def _check_pages(project: Project) -> None:
    """Link and compile each template, as rendering would."""
    included = _included(project)
    failed: list[tuple[Loaded, EscapingError]] = []
    good: set[str] = set()
    for loaded in project.templates():
        try:
            page = project.engine.link(loaded)
        except EscapingError as error:
            failed.append((loaded, error))
        except (TemplateSyntaxError, TemplateNotFoundError) as error:
            project.findings.add_error(error)
        else:
            good.add(loaded.source.name or "")
            check_trusted_values(page, project.findings)
            check_captured_texts(page, project.findings)
            _check_code(project, page)
    for loaded, refused in failed:
        # What is only ever included may begin or end inside of a tag, where those who include it do.
        name = loaded.source.name or ""
        if refused.name != name or not included.get(name, set()) & good:
            project.findings.add_error(refused)


def _included(project: Project) -> dict[str, set[str]]:
    """Each template that is included by name, and those that include it."""
    found: dict[str, set[str]] = {}
    for loaded in project.templates():
        includes = [node for node in nodes.walk(loaded.template.body) if isinstance(node, nodes.Include)]
        for name in (name for node in includes for name in literal_names(node.template) or ()):
            found.setdefault(name, set()).add(loaded.source.name or "")
    return found


def _check_code(project: Project, page: Linked) -> None:
    engine = project.engine
    try:
        engine.compile(page, Mode(is_async=engine.is_async))
    except UnknownNameError:
        pass  # found already, with all others of its kind
    except TemplateSyntaxError as error:
        project.findings.add_error(error)
