"""When to look at jobs for everybody who waits for them. Pure."""
