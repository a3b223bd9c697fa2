"""Who may ask: credentials, and what one account sees of another."""
