"""Settings of the whole suite: how Hypothesis searches."""

import os

from hypothesis import settings

# No deadline: a shared machine pauses for longer than any honest bound. In CI the same examples each time,
# so that a red build means a change; on a developer's machine new ones each time, so that luck can strike.
settings.register_profile("developer", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "developer")
