"""The command `martlet`, as `python -m martlet`: for whoever has the interpreter at hand, and not its scripts."""

from martlet.cli.main import main

if __name__ == "__main__":
    main()
