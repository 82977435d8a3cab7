"""`polyglotism`: one component in another language, one on another kind of database."""
