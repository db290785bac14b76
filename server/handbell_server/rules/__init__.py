"""Pure rules and what they say: types and their templates, alarms, expected signs of life."""
