"""An executable model of the sync protocol: what the property test proves before the real halves must obey it."""
