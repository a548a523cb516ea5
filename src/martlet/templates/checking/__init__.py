"""What can be found in templates before any is rendered: everything at once, for a command or a test."""

from martlet.templates.checking.checking import check
from martlet.templates.checking.context_names import find_undeclared
from martlet.templates.checking.findings import Finding, count_told
from martlet.templates.checking.reachable import attributes_reached, check_reachable, names_reached
from martlet.templates.checking.written_calls import WrittenCall, written_calls

__all__ = [
    "Finding",
    "WrittenCall",
    "attributes_reached",
    "check",
    "check_reachable",
    "count_told",
    "find_undeclared",
    "names_reached",
    "written_calls",
]
