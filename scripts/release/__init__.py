"""What a release is made of, and whether one could be made now. RELEASING.md has the steps; the release workflow takes them.

__main__.py     check | notes | dist | files | freeze, as the Makefile calls them
checking.py     the questions of `make release-check`, one function each
changelog.py    the text of a release: its section of CHANGELOG.md
artefacts.py    which files there are, and from which lock each was made; SHA256SUMS
sbom.py         what is in each, in CycloneDX
freezing.py     the desktop frozen on Windows and macOS, which have no make
"""
