"""Who may do what: accounts, their passwords and their access tokens."""
