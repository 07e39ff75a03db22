"""Tables of our own: rows with links, ticks, chips and lines, which the browser draws quickly."""
