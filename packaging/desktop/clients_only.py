# Runs before the frozen program. The packages `socketio` and `engineio` load servers, brokers and asyncio when they are
# imported, 6 MB that a bell never uses. Here they are packages without a beginning: what is in them is found as ever, and
# the two names that are asked of the package itself are looked up when they are.
import importlib
import importlib.util
import sys


def without_beginning(name):
    package = importlib.util.module_from_spec(importlib.util.find_spec(name))
    sys.modules[name] = package

    def look_up(asked):
        if asked == "Client":
            return importlib.import_module(f"{name}.client").Client
        if asked == "exceptions":
            return importlib.import_module(f"{name}.exceptions")
        raise AttributeError(asked)

    package.__getattr__ = look_up


without_beginning("engineio")
without_beginning("socketio")
