"""Who may do what: the groups of editors, and what each may do in the page tree."""
