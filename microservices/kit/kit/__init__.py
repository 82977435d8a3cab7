"""Infrastructure every service stands on; no business noun lives here."""
