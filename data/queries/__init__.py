"""Every question the pages ask, by name; one module per view. Answers are frozen values, never live rows."""
