"""The language of templates: from a source to a tree.

Not here: what a tree means (compiling/), and how its values are escaped (escaping/).
"""

from martlet.templates.syntax.options import Syntax
from martlet.templates.syntax.parser import parse
from martlet.templates.syntax.tag_parser import Tag, TagParser

__all__ = ["Syntax", "Tag", "TagParser", "parse"]
