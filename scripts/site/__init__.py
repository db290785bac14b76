"""The documentation as a site: the Markdown of this tree, made into pages that work from a folder, without any network.

    docs/README.md ─► places.py      which pages there are, where each lives in the site, the navigation
    *.md           ─► rewriting.py   the same page with links, pictures and anchors as the site has them
    the code       ─► reference.py   the contract, commands, settings and problems: made from what runs, so they cannot drift
    all of it      ─► building.py    build/site-source, from which the generator (decision 0032) makes build/site
    build/site     ─► checking.py    every link, anchor and picture; what is listed, code and tables as a Git host shows them

The documents are written for whoever reads them on a Git host or in an editor; the site adapts to them, never they to it.
"""
