# Runs before the frozen program. What is not imported yet is read from the program's own file when it is, and that file
# is found by its name. After an upgrade the name leads to another program, so the file of this one is held open and
# found by its number: a window that is opened for the first time after an upgrade opens.
import os
import sys

if sys.platform == "linux":
    import pyimod02_importers

    archive = pyimod02_importers.pyz_archive
    held = os.open(archive._filename, os.O_RDONLY | os.O_CLOEXEC)
    archive._filename = f"/proc/self/fd/{held}"
