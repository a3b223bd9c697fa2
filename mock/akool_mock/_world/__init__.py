"""The state of the mock: accounts, jobs, time, faults, webhooks to send, the journal."""
