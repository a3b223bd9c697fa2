"""When to poll, for all waiters together. Pure."""
