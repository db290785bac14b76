"""One account: becoming its device, its link, what is seen and done of it, and asking its server."""
