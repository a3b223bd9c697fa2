"""What is found: answers, checks by name, and what the report is made of."""
