"""Looking, and never changing anything: the feed, lists, search, groups, what became of things, and who is there."""
