"""Stories of jobs over several calls: face swap's own, and those that any contract describes."""
