"""The rules: what to send, what an answer means, when to ask again. No socket, no clock."""
