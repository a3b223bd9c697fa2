"""What talks: requests on the wire, files on the disk, lines in the log."""
