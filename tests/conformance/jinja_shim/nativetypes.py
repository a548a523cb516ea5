"""`jinja2.nativetypes`: templates that give values."""

from tests.conformance.jinja_shim.environment import Environment, Template


class NativeEnvironment(Environment):
    """`native=True`."""

    native = True


class NativeTemplate(Template):
    """A template of such an environment."""

    environment_class = NativeEnvironment


NativeEnvironment.template_class = NativeTemplate
