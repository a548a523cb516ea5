"""Pure values of HTTP: statuses, errors, fields, media types, queries, cookies. Nothing here reads or writes a socket or a file."""
