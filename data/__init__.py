"""What we keep: tables, sessions and the questions the pages ask."""
