"""What is true in the mock: accounts, jobs, time, faults, webhooks to send, the journal."""
