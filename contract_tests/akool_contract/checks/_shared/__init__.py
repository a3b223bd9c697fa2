"""What several checks share: the jobs that they are about, and what a file should be."""
