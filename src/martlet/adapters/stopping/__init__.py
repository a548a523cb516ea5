"""The end of an application in one process: from the signal to its shutdown."""
