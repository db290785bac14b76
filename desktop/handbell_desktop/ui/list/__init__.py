"""The list of notifications: arranged (`rows`), measured (`geometry`), painted (`delegate`), shown (`view`)."""
