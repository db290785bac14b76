# Runs before the frozen program. glibc gives each thread a heap of its own, and what one thread has freed no other uses. The
# bell has a dozen threads of which one runs at a time, Python's rule; one heap is enough for them and rests smaller.
import ctypes
import sys

if sys.platform == "linux":
    M_ARENA_MAX = -8
    ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)
