"""One run: what is sent, what is remembered, what may be spent."""
