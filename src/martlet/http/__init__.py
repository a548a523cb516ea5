"""Pure values of HTTP: statuses, errors, fields, media types, queries, cookies. Nothing here does any input or output."""
