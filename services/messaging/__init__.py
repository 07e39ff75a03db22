"""Messages: composed, prepared as they will leave, sent once, and followed until they are read or have failed."""
