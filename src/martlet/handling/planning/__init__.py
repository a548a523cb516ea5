"""From a declared route to its plan: all that is decided about it before the first request, as data that anybody may read."""
