"""The root of what the user can act on."""


class TwinbenchError(Exception):
    """Its message is one clear line: what is wrong and what to do. The CLI exits with 2."""
