"""The cases in Martlet as it comes: each request's Host is checked, and each answer carries the security fields."""

from benchmarks.peers.martlet import cases
from martlet import App

app = App()
app.include(cases)
