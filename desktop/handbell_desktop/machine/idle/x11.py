"""The X server's own count, by its screen-saver extension: asked over a connection of its own, in a fraction of a millisecond.

The two libraries come with every desktop on X, though not with every computer: without them, or without an X server, this
raises OSError. An X server that ends would take the whole program along (Xlib exits on a broken connection), so whoever
asks must know that the program itself lives on the same server: it ends with it anyway.
"""

from __future__ import annotations

import ctypes
from ctypes import byref, c_char_p, c_int, c_ulong, c_void_p
from ctypes.util import find_library

from handbell_desktop.machine.idle.base import Then


class _Info(ctypes.Structure):
    """XScreenSaverInfo of X11/extensions/scrnsaver.h."""

    _fields_ = (
        ("window", c_ulong),
        ("state", c_int),
        ("kind", c_int),
        ("til_or_since", c_ulong),
        ("idle", c_ulong),
        ("event_mask", c_ulong),
    )


class X11IdleTime:
    def __init__(self, display: str) -> None:
        self._x = _library("X11", "libX11.so.6")
        self._saver = _library("Xss", "libXss.so.1")
        self._x.XOpenDisplay.argtypes, self._x.XOpenDisplay.restype = [c_char_p], c_void_p
        self._x.XDefaultRootWindow.argtypes, self._x.XDefaultRootWindow.restype = [c_void_p], c_ulong
        self._x.XCloseDisplay.argtypes = [c_void_p]
        self._saver.XScreenSaverQueryExtension.argtypes = [c_void_p, c_void_p, c_void_p]
        self._saver.XScreenSaverQueryInfo.argtypes = [c_void_p, c_ulong, c_void_p]
        self._display = c_void_p(self._x.XOpenDisplay(display.encode()))
        if not self._display:
            raise OSError(f"no X server at {display}")
        if not self._saver.XScreenSaverQueryExtension(self._display, byref(c_int()), byref(c_int())):
            self.close()
            raise OSError("this X server does not count how long nothing was touched")
        self._root = self._x.XDefaultRootWindow(self._display)

    def ask(self, then: Then) -> None:
        info = _Info()
        known = self._display and self._saver.XScreenSaverQueryInfo(self._display, self._root, byref(info))
        then(int(info.idle) if known else None)

    def close(self) -> None:
        if self._display:
            self._x.XCloseDisplay(self._display)
            self._display = c_void_p()


def _library(name: str, file: str) -> ctypes.CDLL:
    try:
        return ctypes.CDLL(file)
    except OSError:
        found = find_library(name)
        if found is None:
            raise
        return ctypes.CDLL(found)
