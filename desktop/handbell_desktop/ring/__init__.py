"""Who is disturbed, when: the rules, and carrying them out."""
