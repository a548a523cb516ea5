"""Which of Jinja2's own tests speak of its public names only, and which of those we answer otherwise, each with the reason.

A test is named as pytest names it, or by the beginning of that; the file's path is left out. The tests themselves come with
Jinja2's source distribution (jinja_suite.py), never into this repository.
"""

from typing import Final

VERSION: Final = "3.1.6"
DIGEST: Final = "0137fb05990d35f1275a587e9aee6d56da821fc83491a0fb838183be43f66d6d"  # SHA-256 of the source distribution

# What they test is inside of Jinja2, or belongs to its way of working; an engine that renders alike cannot pass them.
LEFT_OUT: Final[dict[str, tuple[str, ...]]] = {
    "its symbol tables": ("test_idtracking.py",),
    "its nodes": ("test_nodes.py", "test_lexnparse.py::TestSyntax::test_neg_filter_priority"),
    "its tokens": (
        "test_lexnparse.py::TestTokenStream",
        "test_lexnparse.py::TestLexer::test_operators",
        "test_lexnparse.py::TestLexer::test_lineno_with_strip",
    ),
    "the Python that it generates": (
        "test_compile.py::test_filters_deterministic",
        "test_compile.py::test_import_as_with_context_deterministic",
        "test_compile.py::test_top_level_set_vars_unpacking_deterministic",
        "test_compile.py::test_loop_set_vars_unpacking_deterministic",
        "test_compile.py::test_block_set_vars_unpacking_deterministic",
        "test_ext.py::TestNewstyleInternationalization::test_num_called_num",
        "test_ext.py::TestAutoEscape::test_volatile_scoping",
        "test_debug.py::TestDebug::test_local_extraction",
        "test_debug.py::TestDebug::test_get_corresponding_lineno_traceback",
    ),
    "its code generator and its Context, as classes to derive from": ("test_api.py::TestLowLevel",),
    "the Python modules that it compiles templates to": ("test_loader.py::TestModuleLoader",),
    "extensions that parse or filter its tokens and build its nodes": (
        "test_ext.py::TestExtensions::test_extension_nodes",
        "test_ext.py::TestExtensions::test_contextreference_node",
        "test_ext.py::TestExtensions::test_streamfilter_extension",
        "test_ext.py::TestScope::test_basic_scope_behavior",
        "test_ext.py::TestAutoEscape::test_overlay_scopes",
    ),
    "its extraction of messages for Babel, which walks its nodes": (
        "test_ext.py::TestInternationalization::test_extract",
        "test_ext.py::TestInternationalization::test_comment_extract",
    ),
    "its cache for Memcached, and the buckets of it": ("test_bytecode_cache.py::TestMemcachedBytecodeCache",),
    "its cache of templates, looked into": ("test_loader.py::TestLoaders::test_limited_size_cache",),
    "its LRUCache": ("test_utils.py::TestLRUCache",),
    "its helper functions": (
        "test_utils.py::test_consume",
        "test_utils.py::test_missing",
        "test_regression.py::TestBug::test_grouper_repr",
    ),
    "its EvalContext, handed to a macro from outside": ("test_security.py::TestSandbox::test_template_data",),
}

# What we answer otherwise, on purpose.
MISSES: Final[dict[str, tuple[str, ...]]] = {
    "a macro that is defined where nothing is escaped gives text, which is escaped where values are": (
        "test_ext.py::TestNewstyleInternationalization::test_autoescape_macros",
    ),
    "two parents are told when the page is compiled": ("test_inheritance.py::TestBugFix::test_double_extends",),
    "`required` and `scoped` may stand in either order": ("test_inheritance.py::TestInheritance::test_required_with_scope",),
    "StopIteration of a function is its error, not an undefined value": (
        "test_api.py::TestUndefined::test_stopiteration_is_undefined",
    ),
    "a traceback's caret stands under what failed, not under the whole line": ("test_debug.py::TestDebug::test_runtime_error",),
    "`pass_context` marks functions; a class marks itself, not its `__call__`": (
        "test_regression.py::TestBug::test_pass_context_callable_class",
    ),
    "our message is another": (
        "test_debug.py::TestDebug::test_syntax_error",
        "test_debug.py::TestDebug::test_regular_syntax_error",
        "test_ext.py::TestInternationalization::test_nested_trans_error",
        "test_ext.py::TestInternationalization::test_trans_block_error",
        "test_inheritance.py::TestInheritance::test_invalid_required",
        "test_lexnparse.py::TestParser::test_error_messages",
        "test_loader.py::TestFileSystemLoader::test_error_includes_paths",
        "test_loader.py::test_package_loader_no_dir",
        "test_regression.py::TestBug::test_double_caller_no_default",
    ),
    "a stream hands over larger pieces: text and the value behind it are written at once": (
        "test_api.py::TestStreaming::test_buffered_streaming",
        "test_async.py::test_async_iteration_in_templates_extended",
        "test_async.py::test_basic_generate_async",
        "test_async.py::test_include_generate_async",
        "test_async.py::test_blocks_generate_async",
        "test_async.py::test_async_extend",
    ),
    "a template is kept for as long as its text is the same, whatever its loader says": (
        "test_loader.py::TestLoaders::test_caching",
    ),
    "a template in an archive is current, not of unknown age": ("test_loader.py::test_package_zip_source",),
    "an attribute whose name begins with an underscore is refused when the page is compiled, in a sandbox or not": (
        "test_api.py::TestUndefined::test_chainable_undefined",
        "test_nativetypes.py::test_variable_dunder",
        "test_nativetypes.py::test_constant_dunder",
        "test_security.py::TestSandbox::test_unsafe",
    ),
    "what a static include has wrong is told when the page is compiled, not when it is rendered": (
        "test_debug.py::TestDebug::test_include_syntax_error_source",
    ),
}
