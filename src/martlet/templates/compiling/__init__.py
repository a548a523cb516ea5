"""From nodes to Python: what a template's names mean, what it is made of, and the code of it."""
