"""Calling what an app was given: in which thread, with what stands around a call and is cleaned up after it, to its end.

Not here: the code that is generated for a route (endpoints/), which calls by itself and comes here for what is seldom or slow.
"""
