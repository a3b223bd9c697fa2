"""One run: what is sent, what is known of the server, what may be spent."""
